// The invoice: groups and lines open and close, columns sort.
function invoice() {
  const table = $('table.invoice');
  if (!table) return;
  const setOpen = (button, open) => button.setAttribute('aria-expanded', open);
  $$('.group .toggle', table).forEach((button) => button.addEventListener('click', () => {
    const open = button.getAttribute('aria-expanded') !== 'true';
    setOpen(button, open);
    const body = button.closest('tbody');
    $$('.line', body).forEach((row) => { row.hidden = !open; });
    $$('.detail', body).forEach((row) => { row.hidden = !open || $('.toggle', row.previousElementSibling).getAttribute('aria-expanded') !== 'true'; });
  }));
  $$('.line .toggle', table).forEach((button) => button.addEventListener('click', () => {
    const open = button.getAttribute('aria-expanded') !== 'true';
    setOpen(button, open);
    button.closest('tr').nextElementSibling.hidden = !open;
  }));
  $$('.sort', table).forEach((button) => button.addEventListener('click', () => {
    const { key } = button.dataset;
    const head = button.closest('th');
    const up = head.getAttribute('aria-sort') === 'descending' || (key === 'text' && head.getAttribute('aria-sort') === 'none');
    $$('[aria-sort]', table).forEach((other) => other.setAttribute('aria-sort', 'none'));
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const compare = (a, b) => (up ? 1 : -1) * (key === 'text' ? a.localeCompare(b) : Number(a) - Number(b));
    const bodies = $$('tbody', table);
    bodies.forEach((body) => {
      const pairs = $$('.line', body).map((row) => [row, row.nextElementSibling]);
      pairs.sort(([a], [b]) => compare(a.dataset[key], b.dataset[key]));
      pairs.forEach((pair) => body.append(...pair));
    });
    if (key === 'text' || key === '2') {
      bodies.sort((a, b) => compare(key === 'text' ? a.dataset.text : a.dataset.amount, key === 'text' ? b.dataset.text : b.dataset.amount));
      bodies.forEach((body) => table.insertBefore(body, $('tfoot', table)));
    }
  }));
}
