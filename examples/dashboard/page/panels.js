// The four windows as moving bars: each row is an item, its bar the count, the line on it the
// bounds.
'use strict';

const Panels = (() => {
  const windows = [
    {length: '1min', title: '1 minute'},
    {length: '5min', title: '5 minutes'},
    {length: '1hour', title: '1 hour'},
    {length: '1day', title: '1 day'},
  ];
  const number = new Intl.NumberFormat('en');
  const motion = matchMedia('(prefers-reduced-motion: reduce)');
  const movement = {duration: 520, easing: 'cubic-bezier(.2,.7,.2,1)'};

  const percent = (share) => (100 * Math.min(1, Math.max(0, share))).toFixed(3) + '%';
  const range = (lower, upper) =>
    lower === upper ? number.format(upper) : `${number.format(lower)}–${number.format(upper)}`;
  const milliseconds = (time) => (time < 9.95 ? time.toFixed(1) : time.toFixed(0)) + ' ms';

  const move = (element, from, to) => {
    if (!motion.matches && document.visibilityState === 'visible') element.animate([from, to], movement);
  };

  // Sets these styles, animated from their former values.
  const slide = (element, styles) => {
    const from = {};
    const to = {};
    for (const [name, value] of Object.entries(styles)) {
      if (element.style[name] === value) continue;
      if (element.style[name] !== '') {
        from[name] = element.style[name];
        to[name] = value;
      }
      element.style[name] = value;
    }
    if (Object.keys(from).length > 0) move(element, from, to);
  };

  class Row {
    constructor(item, choose) {
      this.element = document.getElementById('row').content.firstElementChild.cloneNode(true);
      const part = (name) => this.element.querySelector('.' + name);
      [this.rank, this.button, this.fill, this.error, this.exact, this.count, this.bounds, this.proof] =
        ['rank', 'item', 'fill', 'error', 'exact', 'count', 'bounds', 'proof'].map(part);
      this.button.textContent = item;
      this.button.title = item;
      this.button.addEventListener('click', () => choose(item));
      this.element.dataset.item = item;
    }

    // `scale` is what the whole width stands for; `exact` the exact count, or undefined.
    show(row, scale, exact) {
      const {element} = this;
      Object.assign(element.dataset,
        {count: row.count, lower: row.lower, upper: row.upper, proven: row.proven, scale});
      this.rank.textContent = row.rank;
      this.count.textContent = number.format(row.count);
      this.bounds.textContent = row.lower === row.upper ? 'exact' : range(row.lower, row.upper);
      this.bounds.classList.toggle('is_exact', row.lower === row.upper);
      element.classList.toggle('is_proven', row.proven === 1);
      this.proof.title = row.proven ? 'certainly in the top 10' : 'not certain to be in the top 10';
      this.proof.lastElementChild.textContent = this.proof.title;
      slide(this.fill, {width: percent(row.count / scale)});
      slide(this.error, {left: percent(row.lower / scale), width: percent((row.upper - row.lower) / scale)});
      this.error.classList.toggle('is_point', row.lower === row.upper);
      this.exact.hidden = exact === undefined;
      if (exact !== undefined) {
        element.dataset.exact = exact;
        slide(this.exact, {left: percent(exact / scale)});
      } else {
        delete element.dataset.exact;
      }
    }
  }

  // Rows by item: each keeps its element while it is shown, and moves to its new place.
  class Panel {
    // `parts`: {id, title, make_row}.
    constructor(parent, {id, title, make_row}) {
      this.make_row = make_row;
      this.rows = new Map();
      this.root = document.getElementById('panel').content.firstElementChild.cloneNode(true);
      const heading = this.root.querySelector('h2');
      heading.textContent = title;
      heading.id = 'panel_' + id;
      this.root.setAttribute('aria-labelledby', heading.id);
      this.facts = this.root.querySelector('.facts');
      this.list = this.root.querySelector('ol');
      this.empty = this.root.querySelector('.empty');
      parent.append(this.root);
    }

    // Calls `draw(line, row)` for the line of each row.
    show_rows(rows, draw) {
      this.root.classList.toggle('is_empty', rows.length === 0);
      const places = new Map([...this.list.children].map((element, at) => [element.dataset.item, at]));
      const height = this.list.firstElementChild?.offsetHeight ?? 0;
      const focused = this.list.contains(document.activeElement) ? document.activeElement : null;

      const kept = new Map();
      rows.forEach((row, at) => {
        const item = String(row.item);
        const line = this.rows.get(item) ?? this.make_row(item);
        kept.set(item, line);
        draw(line, row);
        if (this.list.children[at] !== line.element) {
          this.list.insertBefore(line.element, this.list.children[at] ?? null);
        }
      });
      for (const [item, line] of this.rows) if (!kept.has(item)) line.element.remove();
      this.rows = kept;
      if (focused?.isConnected && document.activeElement !== focused) focused.focus({preventScroll: true});
      this.move_rows(rows, places, height);
    }

    move_rows(rows, places, height) {
      rows.forEach((row, at) => {
        const {element} = this.rows.get(String(row.item));
        const before = places.get(String(row.item));
        if (before === undefined) move(element, {opacity: 0}, {opacity: 1});
        else if (before !== at) {
          element.classList.toggle('is_rising', before > at);
          move(element, {transform: `translateY(${(before - at) * height}px)`}, {transform: 'none'});
        }
      });
    }

    show_facts(texts) {
      this.facts.replaceChildren(...texts.filter(Boolean).map((text) => {
        const fact = document.createElement('span');
        fact.textContent = text;
        return fact;
      }));
    }
  }

  const proven_of = (rows) =>
    rows.length > 0 ? `${rows.filter((row) => row.proven === 1).length} of ${rows.length} proven` : '';

  // The top 10 of one window.
  class TopPanel extends Panel {
    constructor(parent, window, choose) {
      super(parent, {id: window.length, title: window.title, make_row: (item) => new Row(item, choose)});
      this.window = window;
      this.root.dataset.window = window.length;
    }

    // `answer`: {rows, milliseconds, exact}; `exact` maps items to exact counts, or is null.
    show(answer) {
      const {rows} = answer;
      const scale = Math.max(1, ...rows.map((row) => row.upper));  // no exact count is above it
      this.show_rows(rows, (line, row) =>
        line.show(row, scale, answer.exact ? answer.exact.get(row.item) ?? 0 : undefined));
      this.show_facts([rows.length > 0 ? range(rows[0].total_lower, rows[0].total_upper) + ' events' : '',
        proven_of(rows), milliseconds(answer.milliseconds)]);
    }
  }

  const make = (parent, choose) => windows.map((window) => new TopPanel(parent, window, choose));
  return {Panel, make, windows, number, range, milliseconds, proven_of};
})();
