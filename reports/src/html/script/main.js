// Puts the page to work.
function setLanguage(lang) {
  root.lang = lang === 'zh' ? 'zh-CN' : 'en';
  $$('[data-en]').forEach((element) => element.setAttribute('aria-label', element.dataset[language()]));
  const button = $('#lang');
  [button.textContent, button.lang] = lang === 'zh' ? ['English', 'en'] : ['中文', 'zh-CN'];
  button.setAttribute('aria-label', lang === 'zh' ? 'Switch to English' : '切换到中文');
  charts.forEach((chart) => { chart.legend(); chart.fillTable?.(); });
  changed();
}

function setTheme(theme) {
  if (theme) root.dataset.theme = theme;
  changed();
}
const isDark = () => (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';

root.classList.add('js');
const figures = new Map(data.figures.map((fig) => [fig.id, fig]));
$$('figure.chart').forEach((element) => {
  const chart = new Chart(element, figures.get(element.dataset.id));
  charts.push(chart);
  control(chart);
  dataTable(chart);
});
overview();
decisionLog();
invoice();

// Only charts on the screen are drawn while the range moves; a year of windows would make it heavy otherwise.
const watcher = new IntersectionObserver((seen) => seen.forEach((entry) => {
  const chart = charts.find((other) => other.element === entry.target);
  chart.seen = entry.isIntersecting;
  if (chart.seen) chart.refresh();
}), { rootMargin: '300px' });
charts.forEach((chart) => {
  let drawn = '';
  chart.refresh = (all = false) => {
    if (!chart.seen && !all) return;
    const key = `${view.from} ${view.to} ${root.lang} ${view.printing} ${chart.plot.clientWidth}`;
    if (key === drawn) chart.point(); else { drawn = key; chart.draw(); }
  };
  view.listeners.push(() => chart.refresh());
  watcher.observe(chart.element);
});

/** Shows everything from the first breach to the last, with room around. */
function toBreaches() {
  const [from, to] = [Math.min(...data.breaches.map((breach) => breach.from)), Math.max(...data.breaches.map((breach) => breach.to))];
  show(from - (to - from) * 0.5, to + (to - from) * 1.5);
}
const acts = { left: () => pan(-0.4), right: () => pan(0.4), in: () => zoom(0.5), out: () => zoom(2), reset, breach: toBreaches };
$$('[data-act]').forEach((button) => button.addEventListener('click', () => {
  acts[button.dataset.act]();
  requestAnimationFrame(() => { $('#live').textContent = `${word('shown')} ${clock(view.from)} ${word('to')} ${clock(view.to)}`; });
}));
$$('button[data-from]').forEach((button) => button.addEventListener('click', () => {
  const [from, to] = [Number(button.dataset.from), Number(button.dataset.to)];
  const room = Math.max((to - from) * 0.75, view.least * 2, 15);
  show(from - room, to + room);
  $('#charts').scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
}));
$('#lang').addEventListener('click', () => {
  const next = language() === 'zh' ? 'en' : 'zh';
  memory.set('lang', next);
  setLanguage(next);
});
$('#theme').addEventListener('click', () => {
  const next = isDark() ? 'light' : 'dark';
  memory.set('theme', next);
  setTheme(next);
});
addEventListener('resize', changed);
const print = (printing) => { view.printing = printing; charts.forEach((chart) => chart.refresh(true)); };
addEventListener('beforeprint', () => print(true));
addEventListener('afterprint', () => print(false));
const asked = root.dataset.lang;
setTheme(memory.get('theme'));
setLanguage(asked !== 'auto' ? asked : memory.get('lang') ?? ((navigator.language || 'en').toLowerCase().startsWith('zh') ? 'zh' : 'en'));
root.dataset.ready = 'yes';
