// Round values for axes.
const TIME_STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 5184000, 7776000, 15552000];

function niceAtLeast(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((digit) => digit * power).find((nice) => nice >= value * (1 - 1e-9)) ?? power * 10;
}

/** Ticks of the time axis with their labels. */
function timeTicks(from, to, most) {
  const step = TIME_STEPS.find((candidate) => (to - from) / candidate <= most) ?? niceAtLeast((to - from) / most / 86400) * 86400;
  // Round times are round on the clock of the wall, where there is one.
  const since = hasDate ? wall(0).getTime() / 1000 % 86400 : 0;
  const first = step > 86400 && since > 0 ? 86400 - since : -since;
  const ticks = [];
  for (let i = Math.ceil((from - first) / step - 1e-9); first + i * step <= to + 1e-6; i += 1) ticks.push(first + i * step);
  const sinceStart = (t) => {
    const [days, rest] = [Math.floor(t / 86400 + 1e-9), t % 86400];
    const day = language() === 'zh' ? `${days}天` : `${days}d`;
    const [hours, minutes] = [Math.floor(rest / 3600 + 1e-9), Math.floor((rest % 3600) / 60 + 1e-9)];
    if (step >= 86400) return day;
    if (step < 60) return clock(t, step < 1);
    if (days > 0) return rest === 0 ? day : `${hours}:${pad(minutes)}`;
    return `${hours}:${pad(minutes)}`;
  };
  const onTheWall = (t) => {
    const at = wall(t);
    const isMidnight = at.getTime() % 86400000 === 0;
    if (step >= 86400 || (isMidnight && !oneDay)) return dayOf(at);
    const time = `${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}`;
    return step < 60 ? `${time}:${pad(at.getUTCSeconds())}${tenthsOf(t, step < 1)}` : time;
  };
  return ticks.filter((t) => t >= -1e-6).map((t) => [t, hasDate ? onTheWall(t) : sinceStart(t)]);
}

/** The value axis: its ends, ticks and the map from a value to 0..1. */
function valueAxis(largest, smallest, fig) {
  if (!fig.log) {
    const top = largest > 0 ? largest : 1;
    let step = niceAtLeast(top / 4);
    if (fig.unit === 'count') step = Math.max(1, Math.ceil(step));
    const end = Math.max(Math.ceil(top / step - 1e-9) * step, top * 1.02);
    const ticks = [];
    for (let i = 0; i * step <= end + 1e-9; i += 1) ticks.push(i * step);
    return { ticks, place: (value) => value / end, low: 0 };
  }
  const low = Math.max(smallest, 1e-9);
  const digits = largest / low > 300 ? [1] : largest / low > 20 ? [1, 3] : [1, 2, 5];
  const round = [];
  for (let e = Math.floor(Math.log10(low)) - 1; e <= Math.log10(Math.max(largest, low)) + 1; e += 1) digits.forEach((digit) => round.push(digit * 10 ** e));
  const first = Math.max(round.findLastIndex((value) => value <= low * 0.98), 0);
  let last = round.findIndex((value) => value >= largest * 1.02 && value > low);
  if (last < 0) last = round.length - 1;
  const [bottom, end] = [Math.log(round[first]), Math.log(round[last])];
  return { ticks: round.slice(first, last + 1), place: (value) => (value > 0 ? (Math.log(value) - bottom) / (end - bottom) : -1), low: round[first] };
}
