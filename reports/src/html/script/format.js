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

/** An instant as on a clock that started with the run; `fine` shows tenths. */
function clock(t, fine = false) {
  const tenths = fine && t % 1 > 0.049 ? (t % 1).toFixed(1).slice(1) : '';
  const whole = Math.floor(Math.max(t, 0) + 1e-6);
  const pad = (n) => String(n).padStart(2, '0');
  const [days, hours, minutes, seconds] = [Math.floor(whole / 86400), Math.floor((whole % 86400) / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const day = language() === 'zh' ? `${days} 天 ` : `${days} d `;
  return days > 0 ? `${day}${pad(hours)}:${pad(minutes)}:${pad(seconds)}` : `${hours}:${pad(minutes)}:${pad(seconds)}${tenths}`;
}

/** A value of an axis or a series. */
function shown(value, unit) {
  if (value === null || value === undefined) return '–';
  return unit === 'ms' ? latency(value) : unit === 'count' ? separated(String(Math.round(value))) : number(value);
}
