// The whole run in a strip, with a frame around what the charts show.
function overview() {
  const holder = $('.overview');
  if (!holder) return;
  const svg = s('svg', { role: 'img' });
  holder.append(svg);
  const source = charts[0]?.entries.toSorted((a, b) => b.t.length - a.t.length || (b.name.en === 'load') - (a.name.en === 'load'))[0];
  const best = charts[0]?.entries.find((entry) => entry.name.en === 'load') ?? source;
  let grab = null;
  const draw = () => {
    const wide = holder.clientWidth;
    if (!wide) return;
    const tall = 42;
    svg.setAttribute('viewBox', `0 0 ${wide} ${tall}`);
    svg.setAttribute('aria-label', word('overview'));
    const x = (t) => (t / view.end) * wide;
    const parts = [];
    if (best) {
      const top = best.v.reduce((most, value) => Math.max(most, value ?? 0), 0) || 1;
      let path = `M0 ${tall}`;
      thin(0, best.t.length - 1, wide * 2, (i) => Math.floor(x(best.t[i])), (i) => best.v[i]).forEach((i) => {
        path += `L${x(best.t[i]).toFixed(1)} ${(tall - ((best.v[i] ?? 0) / top) * (tall - 8)).toFixed(1)}`;
      });
      parts.push(s('path', { class: 'load', d: `${path}L${wide} ${tall}Z` }));
    }
    data.breaches.forEach((breach) => parts.push(s('rect', { class: 'bad', x: x(breach.from).toFixed(1), y: 0, width: Math.max(x(breach.to) - x(breach.from), 1.5).toFixed(1), height: 4 })));
    data.faults.forEach((fault) => parts.push(s('rect', { class: 'fault', x: x(fault.from).toFixed(1), y: 4, width: Math.max(x(fault.to) - x(fault.from), 1.5).toFixed(1), height: tall - 4 })));
    const [from, to] = [x(view.from), x(view.to)];
    if (to - from < wide - 1) {
      parts.push(s('rect', { class: 'out', x: 0, y: 0, width: from, height: tall }), s('rect', { class: 'out', x: to, y: 0, width: Math.max(wide - to, 0), height: tall }));
      parts.push(s('rect', { class: 'win', x: from, y: 1, width: Math.max(to - from, 3), height: tall - 2, rx: 3 }));
    }
    svg.replaceChildren(...parts);
    $('#range').textContent = `${clock(view.from)} – ${clock(view.to)}`;
  };
  const timeAt = (event) => {
    const box = svg.getBoundingClientRect();
    return clamp((event.clientX - box.left) / box.width, 0, 1) * view.end;
  };
  svg.addEventListener('pointerdown', (event) => {
    svg.setPointerCapture(event.pointerId);
    const t = timeAt(event);
    const whole = view.to - view.from >= view.end * 0.999;
    const inside = !whole && t >= view.from && t <= view.to;
    grab = inside ? { by: t - view.from } : { start: t };
  });
  svg.addEventListener('pointermove', (event) => {
    if (!grab) return;
    const t = timeAt(event);
    if (grab.by !== undefined) show(t - grab.by, t - grab.by + view.to - view.from);
    else if (Math.abs(t - grab.start) > view.end / 100) show(Math.min(t, grab.start), Math.max(t, grab.start));
  });
  const drop = () => { grab = null; };
  svg.addEventListener('pointerup', drop);
  svg.addEventListener('pointercancel', drop);
  svg.addEventListener('dblclick', reset);
  view.listeners.push(draw);
}
