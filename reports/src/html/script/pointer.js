// Mouse, touch and keys on a chart.
function control(chart) {
  const { svg } = chart;
  const touches = new Map();
  let drag = null;
  let pinch = null;
  const local = (event) => {
    const box = svg.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * chart.plot.clientWidth;
  };
  const timeAt = (event) => clamp(chart.time(local(event)), view.from, view.to);

  svg.addEventListener('pointerdown', (event) => {
    if (event.button > 0) return;
    svg.setPointerCapture(event.pointerId);
    touches.set(event.pointerId, local(event));
    if (touches.size === 2) {
      const [a, b] = [...touches.values()];
      pinch = { gap: Math.max(Math.abs(a - b), 10), from: view.from, to: view.to, around: chart.time((a + b) / 2) };
      drag = null;
    } else {
      drag = { x: local(event), from: view.from, to: view.to, moves: event.pointerType !== 'mouse' || event.shiftKey, moved: false };
    }
  });
  svg.addEventListener('pointermove', (event) => {
    if (touches.has(event.pointerId)) touches.set(event.pointerId, local(event));
    if (pinch && touches.size === 2) {
      const [a, b] = [...touches.values()];
      const factor = pinch.gap / Math.max(Math.abs(a - b), 10);
      show(pinch.around - (pinch.around - pinch.from) * factor, pinch.around + (pinch.to - pinch.around) * factor);
      return;
    }
    if (!drag) return void (event.pointerType === 'mouse' && point(timeAt(event), chart));
    const by = local(event) - drag.x;
    drag.moved ||= Math.abs(by) > 5;
    if (!drag.moved) return;
    if (drag.moves) {
      const shift = (-by / chart.width) * (drag.to - drag.from);
      show(drag.from + shift, drag.to + shift);
    } else {
      point(timeAt(event), chart);
      const [a, b] = [drag.x, local(event)].map((x) => clamp(x, chart.left, chart.left + chart.width)).sort((p, q) => p - q);
      drag.mark ??= svg.appendChild(s('rect', { class: 'select' }));
      for (const [key, value] of Object.entries({ x: a, y: chart.top, width: b - a, height: chart.height })) drag.mark.setAttribute(key, value);
      drag.range = [chart.time(a), chart.time(b)];
    }
  });
  const release = (event) => {
    touches.delete(event.pointerId);
    if (pinch) { if (touches.size === 0) pinch = null; return; }
    if (!drag) return;
    drag.mark?.remove();
    if (event.type === 'pointerup' && drag.range && drag.range[1] > drag.range[0]) show(...drag.range);
    else if (event.type === 'pointerup' && !drag.moved) point(timeAt(event), chart);
    drag = null;
  };
  svg.addEventListener('pointerup', release);
  svg.addEventListener('pointercancel', release);
  svg.addEventListener('pointerleave', (event) => { if (event.pointerType === 'mouse' && !drag) point(null, null); });
  svg.addEventListener('dblclick', reset);
  svg.addEventListener('wheel', (event) => {
    if (event.ctrlKey || event.metaKey) zoom(event.deltaY > 0 ? 1.25 : 0.8, timeAt(event));
    else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(event.deltaX / 600);
    else return;
    event.preventDefault();
  }, { passive: false });
  svg.addEventListener('keydown', (event) => {
    const step = (view.to - view.from) / 60;
    const here = view.cursor ?? (view.from + view.to) / 2;
    const keys = {
      ArrowLeft: () => (event.shiftKey ? pan(-0.2) : point(here - step, chart)),
      ArrowRight: () => (event.shiftKey ? pan(0.2) : point(here + step, chart)),
      ArrowUp: () => zoom(0.7, here),
      ArrowDown: () => zoom(1 / 0.7, here),
      '+': () => zoom(0.7, here),
      '=': () => zoom(0.7, here),
      '-': () => zoom(1 / 0.7, here),
      PageUp: () => pan(0.5),
      PageDown: () => pan(-0.5),
      Home: () => point(view.from, chart),
      End: () => point(view.to, chart),
      0: reset,
      Escape: () => point(null, null),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  svg.addEventListener('blur', () => point(null, null));
}
