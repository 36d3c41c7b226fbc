// Decisions: a lane for each controller, and a table of those in view.
const PAGE = 100;

function decisionLog() {
  const section = $('#decisions');
  const all = data.decisions;
  const [controllers, actions] = ['c', 'a'].map((key) => [...new Set(all.map((entry) => entry[key]))].sort());
  const [byController, byAction, byText] = ['#by-controller', '#by-action', '#by-text'].map((id) => $(id, section));
  const body = $('.log tbody', section);
  const more = $('#more-rows', section);
  let rows = PAGE;
  const options = (select, values) => select.replaceChildren(h('option', { value: '' }, word('all')), ...values.map((value) => h('option', { value }, local(value))));
  const wanted = () => {
    const text = byText.value.trim().toLowerCase();
    return all.filter((entry) => entry.t >= view.from && entry.t <= view.to
      && (!byController.value || entry.c === byController.value) && (!byAction.value || entry.a === byAction.value)
      && (!text || [entry.s, entry.o, entry.r, entry.a, entry.c].map((part) => `${part} ${local(part)}`).join(' ').toLowerCase().includes(text)));
  };
  const table = () => {
    const list = wanted();
    body.replaceChildren(...list.slice(0, rows).map((entry) => h('tr', {},
      h('td', { class: 'n' }, clock(entry.t, true)), h('td', {}, entry.c), h('td', {}, local(entry.a)), h('td', { class: 'n' }, entry.n > 1 ? `× ${separated(String(entry.n))}` : ''),
      h('td', {}, entry.s), h('td', {}, local(entry.o)), h('td', { class: 'why' }, local(entry.r)))));
    more.hidden = list.length <= rows;
    $('#found').textContent = `${separated(String(list.length))} ${word('entries')}`;
  };
  const lanes = () => {
    const holder = $('.lanes', section);
    const wide = holder.clientWidth;
    if (!wide || !controllers.length) return;
    const longest = Math.max(...controllers.map((controller) => controller.length));
    const [left, lane] = [Math.max(wide < 460 ? 74 : 96, longest * 6.9 + 12), 22];
    const tall = controllers.length * lane + 22;
    const svg = s('svg', { viewBox: `0 0 ${wide} ${tall}`, height: tall, role: 'img', 'aria-label': word('time_of_run') });
    const x = (t) => left + ((t - view.from) / (view.to - view.from)) * (wide - left - 10);
    const shades = ['blue', 'orange', 'green', 'purple', 'sky', 'vermilion', 'grey'];
    controllers.forEach((controller, i) => {
      const y = i * lane;
      svg.append(s('text', { x: left - 8, y: y + 15, 'text-anchor': 'end' }, controller), s('path', { class: 'gl', d: `M${left} ${y + lane - 0.5}H${wide - 10}` }));
      const columns = new Set(all.filter((entry) => entry.c === controller && entry.t >= view.from && entry.t <= view.to && entry.a !== 'kept').map((entry) => Math.round(x(entry.t) * 2) / 2));
      const path = [...columns].map((column) => `M${column} ${y + 4}v${lane - 9}`).join('');
      svg.append(s('path', { class: 'tick', d: path, style: `stroke:${color(shades[i % shades.length])}` }));
    });
    timeTicks(view.from, view.to, Math.max(2, Math.floor((wide - left) / 90))).forEach(([t, label]) => svg.append(s('text', { x: x(t), y: tall - 5, 'text-anchor': x(t) > wide - 24 ? 'end' : 'middle' }, label)));
    holder.replaceChildren(svg);
  };
  const fill = () => {
    const chosen = [byController.value, byAction.value];
    options(byController, controllers);
    options(byAction, actions);
    [byController.value, byAction.value] = chosen;
  };
  [byController, byAction, byText].forEach((input) => input.addEventListener('input', () => { rows = PAGE; table(); }));
  more.addEventListener('click', () => { rows += 5 * PAGE; table(); });
  let timer = 0;
  let last = '';
  view.listeners.push(() => {
    const key = `${view.from} ${view.to} ${root.lang} ${section.clientWidth}`;
    if (key === last) return;
    last = key;
    clearTimeout(timer);
    timer = setTimeout(() => { fill(); lanes(); table(); }, 120);
  });
}
