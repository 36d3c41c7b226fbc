// What everything else stands on: the data, elements, languages.
const data = JSON.parse(document.getElementById('data').textContent);
const root = document.documentElement;
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const NAMESPACE = $('svg').namespaceURI;

/** An HTML element; text is always text, never markup. */
function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** An SVG element. */
function s(name, attributes = {}, text = null) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== null) element.textContent = text;
  return element;
}

const language = () => (root.lang.startsWith('zh') ? 'zh' : 'en');
/** One of two languages of a text. */
const say = (text) => text[language()];
/** Chinese for what decisions say. */
const chinese = new Map(data.words ?? []);
const local = (text) => (language() === 'zh' ? chinese.get(text) ?? text : text);
/** The script's own words. */
const WORDS = {
  all: { en: 'all', zh: '全部' },
  at: { en: 'at', zh: '时间' },
  chart: { en: 'chart, time axis', zh: '图表，时间轴' },
  entries: { en: 'entries', zh: '条' },
  fault: { en: 'Fault', zh: '故障' },
  highest: { en: 'highest', zh: '最高' },
  missed: { en: 'Objective not held', zh: '未达目标' },
  nothing: { en: 'nothing', zh: '无' },
  pods: { en: 'times', zh: '次' },
  series: { en: 'series', zh: '序列' },
  shown: { en: 'Showing', zh: '显示' },
  time: { en: 'time', zh: '时间' },
  time_of_run: { en: 'Decisions by controller over time', zh: '各控制器的决策时间线' },
  to: { en: 'to', zh: '至' },
  overview: { en: 'Load of the whole run; the frame is what the charts show', zh: '整个运行的负载；方框为图表显示的范围' },
};
const word = (key) => say(WORDS[key]);

/** Remembers a choice where the browser allows it. */
const memory = {
  get(key) { try { return localStorage.getItem('overspill-' + key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem('overspill-' + key, value); } catch { /* a page opened from a file may not be allowed to */ } },
};
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const color = (name) => (name.startsWith('#') ? name : `var(--c-${name})`);
