// Figures as people read them, in the same way as in tables and pictures.
const separated = (text) => {
  const [whole, fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
};

/** About three significant digits. */
function number(value) {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const decimals = size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : size >= 0.001 ? 4 : 6;
  const text = value.toFixed(decimals);
  return separated(text.includes('.') ? text.replace(/\.?0+$/, '') : text);
}

/** Milliseconds, as ms or s. */
const latency = (ms) => (ms < 999.95 ? `${number(ms)} ms` : `${number(ms / 1000)} s`);

const pad = (n) => String(n).padStart(2, '0');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** What a clock on the wall shows at an instant of the run, in the fields of UTC. */
const wall = (t) => new Date(data.start + Math.round(t * 1000));
const hasDate = data.start !== null && data.start !== undefined;
/** Whether all of the run is on one day. */
const oneDay = hasDate && wall(0).toISOString().slice(0, 10) === wall(Math.max(data.end - 0.001, 0)).toISOString().slice(0, 10);
const dayOf = (at) => (language() === 'zh' ? `${at.getUTCMonth() + 1}月${at.getUTCDate()}日` : `${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()}`);
const tenthsOf = (t, fine) => (fine && t % 1 > 0.049 ? (t % 1).toFixed(1).slice(1) : '');

/** Time since the start; `fine` shows tenths. */
function elapsed(t, fine = false) {
  const whole = Math.floor(Math.max(t, 0) + 1e-6);
  const [days, hours, minutes, seconds] = [Math.floor(whole / 86400), Math.floor((whole % 86400) / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const day = language() === 'zh' ? `${days} 天 ` : `${days} d `;
  return days > 0 ? `${day}${pad(hours)}:${pad(minutes)}:${pad(seconds)}` : `${hours}:${pad(minutes)}:${pad(seconds)}${tenthsOf(t, fine)}`;
}

/** An instant: on the wall where the scenario says when it starts, else since the start; `fine` shows tenths. */
function clock(t, fine = false) {
  if (!hasDate) return elapsed(t, fine);
  const at = wall(Math.floor(Math.max(t, 0) + 1e-6));
  const time = `${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())}${tenthsOf(t, fine)}`;
  return oneDay ? time : `${dayOf(at)} ${time}`;
}

/** A value of an axis or a series. */
function shown(value, unit) {
  if (value === null || value === undefined) return '–';
  return unit === 'ms' ? latency(value) : unit === 'count' ? separated(String(Math.round(value))) : number(value);
}
