// Series: where a time is among their points, what they are worth there, and how few points draw the same picture.

/** Index of the last time that is not after `t`; -1 before the first. */
function before(times, t) {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= t + 1e-9) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** Index of the point that stands for `t`. */
function nearest(times, t, step) {
  const i = before(times, t);
  if (step || i < 0 || i + 1 >= times.length) return clamp(i, 0, times.length - 1);
  return t - times[i] > times[i + 1] - t ? i + 1 : i;
}

/** Indices within a range of time and one beyond each end. */
const visible = (times, from, to) => [Math.max(before(times, from), 0), Math.min(before(times, to) + 1, times.length - 1)];

/**
 * Indices to draw: all, or for each column of pixels those of the first, smallest, largest and last value.
 * `value` gives what counts, `column` the column of an index.
 */
function thin(first, last, most, column, value) {
  const all = [];
  if (last - first < most) {
    for (let i = first; i <= last; i += 1) all.push(i);
    return all;
  }
  for (let i = first; i <= last;) {
    const here = column(i);
    let [low, high, end] = [i, i, i];
    for (let j = i; j <= last && column(j) === here; j += 1) {
      const v = value(j);
      if (v === null) { low = j; }
      if (v !== null && v < (value(low) ?? Infinity)) low = j;
      if (v !== null && v > (value(high) ?? -Infinity)) high = j;
      end = j;
    }
    for (const j of [...new Set([i, low, high, end])].sort((a, b) => a - b)) all.push(j);
    i = end + 1;
  }
  return all;
}

const DASHES = ['', '7 3', '2.5 3', '9 3 2 3', '4 2 1 2', '12 4'];

/** Everything that a legend names, in the order of drawing. */
function entries(fig) {
  const list = [];
  const lines = fig.marks.filter((mark) => mark.k === 'line' || mark.k === 'step').length;
  let line = lines;
  fig.marks.forEach((mark) => {
    if (mark.k === 'line' || mark.k === 'step') {
      line -= 1;
      list.push({ kind: 'line', step: mark.k === 'step', name: mark.name, color: mark.color, t: fig.times[mark.t], v: mark.v, dash: DASHES[line % DASHES.length], on: true });
    } else if (mark.k === 'stack') {
      mark.layers.forEach((layer) => list.push({ kind: 'layer', step: mark.step, stack: mark, name: layer.name, color: layer.color, t: fig.times[layer.t], v: layer.v, dash: '', on: true }));
    }
  });
  return list;
}
