// A chart: axes, series, breaches, legend.
const charts = [];
/** Width of a chart on paper, of which two stand side by side. */
const PAPER = 400;

/** The longer of two texts that fits into some pixels, or as much of the shorter as does. */
const clipped = (long, short, wide) => {
  const size = (text) => [...text].reduce((sum, c) => sum + (c.codePointAt(0) > 0x2e80 ? 11 : 6.2), 0);
  if (size(long) <= wide) return long;
  return size(short) <= wide ? short : `${short.slice(0, Math.max(1, Math.floor((short.length * wide) / size(short)) - 1))}…`;
};

class Chart {
  constructor(element, fig) {
    Object.assign(this, { element, fig, plot: $('.plot', element), entries: entries(fig), seen: false });
    this.limits = fig.marks.filter((mark) => mark.k === 'limit');
    this.bands = fig.marks.filter((mark) => mark.k === 'band');
    this.breaches = data.breaches.filter((breach) => !fig.about || !breach.about || breach.about === fig.about);
    this.svg = s('svg', { role: 'slider', tabindex: 0, 'aria-valuemin': 0, 'aria-valuemax': Math.round(view.end), 'aria-valuenow': 0 });
    this.overlay = s('g');
    this.tip = h('div', { class: 'tip', hidden: '' });
    this.note = h('p', { class: 'unseen', id: `about-${fig.id}` });
    this.svg.setAttribute('aria-describedby', this.note.id);
    this.plot.append(this.svg, this.tip, this.note);
    this.legend();
  }

  /** Buttons that show and hide series. */
  legend() {
    const legend = $('.legend', this.element);
    const sample = (entry) => {
      const svg = s('svg', { width: 20, height: 12, 'aria-hidden': 'true' });
      svg.append(entry.kind === 'layer'
        ? s('rect', { x: 3, y: 1, width: 14, height: 10, rx: 2, style: `fill:${color(entry.color)};fill-opacity:.8` })
        : s('path', { d: 'M0 6H20', style: `stroke:${color(entry.color)};stroke-width:2.4`, 'stroke-dasharray': entry.dash }));
      return svg;
    };
    const one = (entry) => {
      const button = h('button', { type: 'button', 'aria-pressed': entry.on }, sample(entry), h('span', { class: 'name' }, say(entry.name)));
      button.addEventListener('click', (event) => {
        if (event.shiftKey || event.altKey) {
          const alone = this.entries.every((other) => other.on === (other === entry));
          this.entries.forEach((other) => { other.on = alone || other === entry; });
        } else {
          entry.on = !entry.on;
        }
        this.legend();
        this.draw();
        $$('button', legend)[this.entries.indexOf(entry)]?.focus();
      });
      return button;
    };
    const limit = (mark) => {
      const svg = s('svg', { width: 20, height: 12, 'aria-hidden': 'true' });
      svg.append(s('path', { d: 'M0 6H20', class: 'bound' }));
      return h('span', { class: 'limit' }, svg, h('span', { class: 'name' }, say(mark.name)));
    };
    legend.replaceChildren(...this.entries.filter((entry) => say(entry.name)).map(one), ...this.limits.map(limit));
  }

  x(t) { return this.left + ((t - view.from) / (view.to - view.from)) * this.width; }
  y(value) { return this.top + (1 - this.axis.place(value)) * this.height; }
  time(x) { return view.from + ((x - this.left) / this.width) * (view.to - view.from); }

  /** Layers that are shown, as running totals at the points of the first. */
  stack() {
    const layers = this.entries.filter((entry) => entry.kind === 'layer' && entry.on);
    const total = layers.length ? new Float64Array(layers[0].t.length) : null;
    return layers.map((layer) => {
      const lower = total.slice();
      layer.v.forEach((value, i) => { total[i] += value ?? 0; });
      return { layer, lower, upper: total.slice() };
    });
  }

  /** Largest and smallest value in view. */
  extent(stack) {
    let [largest, smallest] = [0, Infinity];
    const look = (times, value) => {
      const [first, last] = visible(times, view.from, view.to);
      for (let i = first; i <= last; i += 1) {
        const v = value(i);
        if (v === null) continue;
        if (v > largest) largest = v;
        if (v > 0 && v < smallest) smallest = v;
      }
    };
    this.entries.filter((entry) => entry.kind === 'line' && entry.on).forEach((entry) => look(entry.t, (i) => entry.v[i]));
    stack.forEach(({ layer, upper }) => look(layer.t, (i) => upper[i]));
    this.limits.forEach((limit) => {
      if (this.fig.log || limit.v < largest * 4) [largest, smallest] = [Math.max(largest, limit.v), Math.min(smallest, limit.v)];
    });
    return [largest, Number.isFinite(smallest) ? smallest : 1];
  }

  draw() {
    const wide = view.printing ? PAPER : this.plot.clientWidth;
    if (!wide) return;
    const tall = wide < 460 ? 190 : 214;
    Object.assign(this, { left: wide < 460 ? 52 : 56, top: 8, height: tall - 32 });
    this.width = wide - this.left - 10;
    const stack = this.stack();
    this.axis = valueAxis(...this.extent(stack), this.fig);
    const { svg } = this;
    svg.setAttribute('viewBox', `0 0 ${wide} ${tall}`);
    svg.setAttribute('height', tall);
    const clip = `clip-${this.fig.id}`;
    const defs = s('defs');
    defs.append(s('clipPath', { id: clip }));
    defs.firstChild.append(s('rect', { x: this.left, y: this.top - 2, width: this.width, height: this.height + 3 }));
    const back = s('g', { 'clip-path': `url(#${CSS.escape(clip)})` });
    const front = s('g', { 'clip-path': `url(#${CSS.escape(clip)})` });
    this.broken(back);
    this.shade(back);
    const grid = s('g');
    this.axis.ticks.forEach((value) => {
      const y = Math.round(this.y(value)) + 0.5;
      grid.append(s('path', { class: 'gl', d: `M${this.left} ${y}h${this.width}` }), s('text', { x: this.left - 7, y: y + 4, 'text-anchor': 'end' }, shown(value, this.fig.unit)));
    });
    timeTicks(view.from, view.to, Math.max(2, Math.floor(this.width / 74))).forEach(([t, label]) => {
      const x = this.x(t);
      const anchor = x > wide - 22 ? 'end' : 'middle';
      grid.append(s('path', { class: 'ax', d: `M${x.toFixed(1)} ${this.top + this.height}v5` }), s('text', { x: anchor === 'end' ? wide - 1 : x.toFixed(1), y: tall - 6, 'text-anchor': anchor }, label));
    });
    grid.append(s('path', { class: 'ax', d: `M${this.left} ${this.top + this.height + 0.5}h${this.width}` }));
    stack.toReversed().forEach(({ layer, lower, upper }) => front.append(s('path', { class: 'area', d: this.area(layer.t, upper, lower, layer.step), style: `fill:${color(layer.color)}` })));
    this.bands.forEach((band) => {
      const times = this.fig.times[band.high.t];
      front.append(s('path', { class: 'band', d: this.ribbon(times, band.high.v, band.low), style: `fill:${color(band.high.color)}` }));
    });
    this.limits.forEach((limit) => front.append(s('path', { class: 'bound', d: `M${this.left} ${this.y(limit.v).toFixed(1)}h${this.width}` })));
    this.entries.filter((entry) => entry.kind === 'line' && entry.on).forEach((entry) => {
      front.append(s('path', { class: 'series', d: this.line(entry), style: `stroke:${color(entry.color)}`, 'stroke-dasharray': entry.dash }));
    });
    svg.replaceChildren(defs, back, grid, front, this.overlay);
    this.point();
    this.describe();
  }

  /** Where objectives did not hold, with an edge that does not need colour. */
  shade(group) {
    // Stretches that overlap, or that no pixel lies between, are one: two objectives missed at once are not twice as dark.
    const spans = [];
    this.breaches.forEach((breach) => {
      if (breach.to < view.from || breach.from > view.to) return;
      const from = this.x(Math.max(breach.from, view.from));
      const to = Math.max(this.x(Math.min(breach.to, view.to)), from + 1.5);
      const last = spans.at(-1);
      if (last && from <= last[1] + 0.5) last[1] = Math.max(last[1], to); else spans.push([from, to]);
    });
    const at = (x) => x.toFixed(1);
    group.append(s('path', { class: 'breach', d: spans.map(([from, to]) => `M${at(from)} ${this.top}H${at(to)}v${this.height}H${at(from)}Z`).join('') }));
    const edges = spans.filter(([from, to]) => to - from > 8).map(([from, to]) => `M${at(from)} ${this.top}v${this.height}M${at(to)} ${this.top}v${this.height}`);
    group.append(s('path', { class: 'breach-edge', d: edges.join('') }));
  }

  /** Where something was broken, with its name where there is room. */
  broken(group) {
    data.faults.forEach((fault) => {
      if (fault.to < view.from || fault.from > view.to) return;
      const from = this.x(Math.max(fault.from, view.from));
      const to = Math.max(this.x(Math.min(fault.to, view.to)), from + 1.5);
      group.append(s('rect', { class: 'fault', x: from.toFixed(1), y: this.top, width: (to - from).toFixed(1), height: this.height }));
      if (to - from > 60) group.append(s('text', { class: 'fault-name', x: from + 4, y: this.top + 11 }, clipped(say(fault.name), say(fault.kind), to - from - 8)));
    });
  }

  indices(times, value) {
    const [first, last] = visible(times, view.from, view.to);
    return thin(first, last, this.width * 3, (i) => Math.floor(this.x(times[i])), value);
  }

  line({ t, v, step }) {
    let path = '';
    let [open, run] = [false, 0];
    let held = 0;
    for (const i of this.indices(t, (j) => v[j])) {
      if (v[i] === null) {
        // A value between two gaps would have no length.
        if (open && run === 1) path += 'h3';
        open = false;
        continue;
      }
      const [x, y] = [this.x(t[i]).toFixed(1), this.y(v[i]).toFixed(1)];
      if (!open) path += `M${x} ${y}`;
      else path += step ? `H${x}V${y}` : `L${x} ${y}`;
      run = open ? run + 1 : 1;
      open = true;
      held = i;
    }
    if (open && run === 1) path += 'h3';
    if (open && step && held === t.length - 1) path += `H${this.x(view.end).toFixed(1)}`;
    return path;
  }

  area(t, upper, lower, step) {
    const indices = this.indices(t, (i) => upper[i]);
    const edge = (values, list) => {
      let path = '';
      list.forEach((i, n) => {
        const [x, y] = [this.x(t[i]).toFixed(1), this.y(values[i]).toFixed(1)];
        path += n === 0 ? `${x} ${y}` : step ? `H${x}V${y}` : `L${x} ${y}`;
      });
      return path;
    };
    const back = (values, list) => {
      let path = '';
      list.forEach((i, n) => {
        const [x, y] = [this.x(t[i]).toFixed(1), this.y(values[i]).toFixed(1)];
        path += n === 0 ? `L${x} ${y}` : step ? `V${y}H${x}` : `L${x} ${y}`;
      });
      return path;
    };
    return indices.length ? `M${edge(upper, indices)}${back(lower, indices.toReversed())}Z` : '';
  }

  /** The area between two lines, in stretches without gaps. */
  ribbon(t, high, low) {
    let path = '';
    let stretch = [];
    const close = () => {
      if (stretch.length > 1) {
        const at = (values) => (i) => `${this.x(t[i]).toFixed(1)} ${this.y(Math.max(values[i], this.axis.low)).toFixed(1)}`;
        path += `M${stretch.map(at(high)).join('L')}L${stretch.toReversed().map(at(low)).join('L')}Z`;
      }
      stretch = [];
    };
    this.indices(t, (i) => high[i]).forEach((i) => (high[i] === null || low[i] === null ? close() : stretch.push(i)));
    close();
    return path;
  }

  /** The value of a series at a time. */
  valueAt(entry, t) {
    return entry.t.length ? entry.v[nearest(entry.t, t, entry.step)] : null;
  }

  /** Cross-hair, dots, and the values at the pointer. */
  point() {
    this.overlay.replaceChildren();
    const t = view.cursor;
    const active = view.active === this;
    this.tip.hidden = !(active && t !== null);
    if (t === null || t < view.from || t > view.to) return;
    const x = this.x(t);
    this.overlay.append(s('path', { class: 'cross', d: `M${x.toFixed(1)} ${this.top}v${this.height}` }));
    let sum = 0;
    const rows = this.entries.filter((entry) => entry.on).map((entry) => {
      const value = this.valueAt(entry, t);
      sum += entry.kind === 'layer' ? value ?? 0 : 0;
      const height = entry.kind === 'layer' ? sum : value;
      if (value !== null && (entry.kind !== 'layer' || value > 0)) {
        this.overlay.append(s('circle', { class: 'dot', cx: x.toFixed(1), cy: clamp(this.y(height), this.top, this.top + this.height).toFixed(1), r: 3.6, style: `fill:${color(entry.color)}` }));
      }
      return [entry, value];
    });
    const text = rows.map(([entry, value]) => `${say(entry.name)} ${shown(value, this.fig.unit)}`).join(', ');
    const missed = this.breaches.filter((breach) => breach.from <= t && t < breach.to);
    this.svg.setAttribute('aria-valuenow', Math.round(t));
    this.svg.setAttribute('aria-valuetext', `${clock(t, true)}: ${text}${missed.length ? `. ${word('missed')}: ${say(missed[0].cause)}` : ''}`);
    if (active) this.showTip(t, x, rows, missed);
  }

  showTip(t, x, rows, missed) {
    const table = h('table', {}, h('tbody', {}, ...rows.map(([entry, value]) => h('tr', {},
      h('th', {}, h('i', { class: 'key', style: `background:${color(entry.color)}` }), say(entry.name)), h('td', {}, h('b', {}, shown(value, this.fig.unit)))))));
    const broken = data.faults.filter((fault) => fault.from <= t && t < fault.to).map((fault) => say(fault.name));
    const reasons = [...new Set(missed.map((breach) => `${say(breach.objective)}: ${say(breach.cause)}`))];
    this.tip.replaceChildren(h('b', {}, clock(t, true)), hasDate ? h('span', { class: 'soft' }, ` +${elapsed(t, true)}`) : '', table, ...broken.map((name) => h('p', { class: 'why' }, `${word('fault')} – ${name}`)), ...reasons.map((reason) => h('p', { class: 'why' }, `${word('missed')} – ${reason}`)));
    const [wide, own] = [this.plot.clientWidth, this.tip.offsetWidth];
    const place = x + 14 + own > wide ? Math.max(x - own - 14, 0) : x + 14;
    this.tip.style.transform = `translate(${Math.round(clamp(place, 0, Math.max(wide - own, 0)))}px, 4px)`;
  }

  /** What the chart shows, for those who do not see it. */
  describe() {
    this.svg.setAttribute('aria-label', `${say(this.fig.title)}, ${word('chart')} ${clock(view.from)} ${word('to')} ${clock(view.to)}`);
    this.note.textContent = this.entries.map((entry) => {
      const [first, last] = visible(entry.t, view.from, view.to);
      let best = first;
      for (let i = first; i <= last; i += 1) if ((entry.v[i] ?? -Infinity) > (entry.v[best] ?? -Infinity)) best = i;
      return `${say(entry.name)}: ${word('highest')} ${shown(entry.v[best], this.fig.unit)} (${clock(entry.t[best] ?? 0)})`;
    }).join('; ');
  }
}
