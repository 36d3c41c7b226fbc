// The range of time that all charts share, and the instant under the pointer.
const view = {
  from: 0,
  to: data.end || 1,
  end: data.end || 1,
  cursor: null,
  active: null,
  listeners: [],
  pending: false,
  /** Paper is narrower than the screen, and its width is not known when it is drawn for. */
  printing: false,
  /** The shortest range: a few of the closest points. */
  least: Math.max((data.end || 1) / 20000, Math.min(2, (data.end || 1) / 10)),
};

function changed() {
  if (view.pending) return;
  view.pending = true;
  requestAnimationFrame(() => {
    view.pending = false;
    view.listeners.forEach((listener) => listener());
  });
}

/** Shows a range, moved and cut so that it lies within the run. */
function show(from, to) {
  const length = clamp(to - from, view.least, view.end);
  const start = clamp(from, 0, view.end - length);
  [view.from, view.to] = [start, start + length];
  changed();
}
/** Zooms by a factor around a time. */
function zoom(factor, around = (view.from + view.to) / 2) {
  const length = clamp((view.to - view.from) * factor, view.least, view.end);
  const share = (around - view.from) / (view.to - view.from);
  show(around - share * length, around - share * length + length);
}
/** Moves by a share of the range. */
const pan = (share) => { const by = (view.to - view.from) * share; show(clamp(view.from + by, 0, view.end - (view.to - view.from)), clamp(view.to + by, view.to - view.from, view.end)); };
const reset = () => show(0, view.end);
function point(t, chart) {
  [view.cursor, view.active] = [t === null ? null : clamp(t, view.from, view.to), chart];
  changed();
}
