// The figures of a chart as a table, for those who would rather read or who cannot see it.
const TABLE_ROWS = 60;

function dataTable(chart) {
  const details = $('details.data', chart.element);
  const fill = () => {
    if (!details.open) return;
    const length = (view.to - view.from) / TABLE_ROWS;
    const base = chart.entries.reduce((most, entry) => (entry.t.length > most.length ? entry.t : most), []);
    let times = base.filter((t) => t >= view.from && t <= view.to);
    if (times.length > TABLE_ROWS) times = Array.from({ length: TABLE_ROWS + 1 }, (_, i) => view.from + i * length);
    const head = h('tr', {}, h('th', { scope: 'col', class: 'n' }, word('time')), ...chart.entries.map((entry) => h('th', { scope: 'col', class: 'n' }, say(entry.name))));
    const rows = times.map((t) => h('tr', {}, h('th', { scope: 'row', class: 'n' }, clock(t, true)), ...chart.entries.map((entry) => h('td', { class: 'n' }, shown(chart.valueAt(entry, t), chart.fig.unit)))));
    $('.scroll', details).replaceChildren(h('table', {}, h('caption', { class: 'unseen' }, say(chart.fig.title)), h('thead', {}, head), h('tbody', {}, ...rows)));
  };
  details.addEventListener('toggle', fill);
  let timer = 0;
  view.listeners.push(() => {
    if (!details.open || view.active === chart) return;
    clearTimeout(timer);
    timer = setTimeout(fill, 200);
  });
  chart.fillTable = fill;
}
