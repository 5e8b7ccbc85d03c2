// What rises or falls: for each window and the time before it the 10 items of topk_trending, each
// with its curve over both, from topk_series. The band around a curve is lower to upper.
'use strict';

const Rising = (() => {
  // `step` of the curves, in seconds: panes begin and end there, so that bounds are narrow.
  const questions = [
    {window: '1min', baseline: '5min', step: 10, title: '1 minute', against: 'the 5 minutes before'},
    {window: '5min', baseline: '1hour', step: 60, title: '5 minutes', against: 'the hour before'},
    {window: '1hour', baseline: '1hour', step: 300, title: '1 hour', against: 'the hour before'},
    {window: '1hour', baseline: '23 hours', step: 1800, title: '1 hour', against: 'the 23 hours before'},
  ];
  const directions = {
    rise: 'Nothing has risen.',
    fall: 'Nothing has fallen.',
  };
  const proofs = ['not certain to be in the top 10', 'certainly in the top 10'];
  const height = 34;  // of a curve's viewBox, whose width is 100

  const tenths = new Intl.NumberFormat('en', {minimumFractionDigits: 1, maximumFractionDigits: 1});
  const decimal = (value) => (Math.abs(value) < 999.95 ? tenths.format(value) : Panels.number.format(Math.round(value)));
  const signed = (value) => (value > 0 ? '+' : '') + decimal(value);
  // Bounds of a score are widened by its last bits, also where both counts are exact.
  const bounds_text = (lower, upper, text) =>
    lower === null || upper === null ? 'no bounds' : upper - lower < 1e-9 ? 'exact' : `${text(lower)} to ${text(upper)}`;

  // Where the last step ends. Now: on a whole step, so that steps keep their places and the last one
  // is still growing. In the past: there, as what came later is not part of the answer.
  const curve_end = (asked, is_past, step) => (is_past ? asked : Math.ceil(asked / step) * step);

  // Paths of a curve: `band` from lower to upper, `line` at count, `growing` the line of the last step.
  const paths = (steps, end) => {
    const from = steps[0].since;
    const most = Math.max(1, ...steps.map((step) => step.upper ?? step.count));
    const x = (time) => ((100 * (time - from)) / (end - from)).toFixed(2);
    const y = (count) => (height - 1 - ((height - 2) * count) / most).toFixed(2);
    const flat = (step, value) => `${x(step.since)} ${y(value)}L${x(step.until)} ${y(value)}`;
    const back = (step) => `${x(step.until)} ${y(step.lower ?? 0)}L${x(step.since)} ${y(step.lower ?? 0)}`;
    const last = steps.at(-1);
    return {
      band: 'M' + [...steps.map((step) => flat(step, step.upper ?? most)), ...steps.toReversed().map(back)].join('L') + 'Z',
      line: 'M' + steps.slice(0, -1).map((step) => flat(step, step.count)).join('L'),
      growing: `M${flat(last, last.count)}`,
      x,
      most,
    };
  };

  class Row {
    constructor(item, choose) {
      this.element = document.getElementById('riser').content.firstElementChild.cloneNode(true);
      const part = (name) => this.element.querySelector('.' + name);
      [this.rank, this.button, this.curve, this.window, this.band, this.line, this.growing, this.count, this.expected,
        this.score, this.bounds, this.proof] = ['rank', 'item', 'curve', 'curve_window', 'curve_band', 'curve_line',
        'curve_growing', 'count', 'expected', 'score', 'bounds', 'proof'].map(part);
      this.button.textContent = item;
      this.button.title = item;
      this.button.addEventListener('click', () => choose(item));
      this.element.dataset.item = item;
    }

    show(row, steps, end, question) {
      this.rank.textContent = row.rank;
      this.count.textContent = Panels.number.format(row.count);
      this.count.title = `count: ${bounds_text(row.lower, row.upper, Panels.number.format)}`;
      this.expected.textContent = `expected ${decimal(row.expected)}`;
      this.expected.title = `expected: ${bounds_text(row.expected_lower, row.expected_upper, decimal)}`;
      this.score.textContent = signed(row.score);
      this.bounds.textContent = bounds_text(row.score_lower, row.score_upper, signed);
      this.element.classList.toggle('is_proven', row.proven === 1);
      this.proof.title = proofs[row.proven];
      this.proof.lastElementChild.textContent = this.proof.title;
      this.draw(row, steps, end, question);
    }

    draw(row, steps, end, question) {
      const drawn = paths(steps, end);
      for (const name of ['band', 'line', 'growing']) this[name].setAttribute('d', drawn[name]);
      const begin = drawn.x(row.since);
      this.window.setAttribute('x', begin);
      this.window.setAttribute('width', Math.max(0, 100 - begin));
      const label = `${row.item} in steps of ${question.step < 60 ? `${question.step} s` : `${question.step / 60} min`}: ` +
        `at most ${Panels.number.format(drawn.most)} in one`;
      this.curve.setAttribute('aria-label', label);
      this.curve.querySelector('title').textContent = label;
    }
  }

  class RisingPanel extends Panels.Panel {
    constructor(parent, question, choose) {
      super(parent, {id: `rise_${question.window}_${question.step}`, title: question.title, make_row: (item) => new Row(item, choose)});
      this.question = question;
      this.root.classList.add('rises');
      this.root.dataset.window = question.window;
      this.root.dataset.baseline = question.baseline;
      this.root.dataset.step = question.step;
    }

    // Asks and draws. What SQLite refuses, such as a baseline that the stream does not retain, is shown
    // in place of rows.
    ask(database, {direction, mode, asked, is_past}) {
      const {window, baseline, step, against} = this.question;
      this.root.dataset.direction = direction;
      const end = curve_end(asked, is_past, step);
      try {
        const {rows, milliseconds} = database.rising(window, baseline, direction, mode, asked);
        // The curve begins where the baseline does, on the step before it.
        const reach = rows.length > 0 ? Math.ceil((end - rows[0].baseline_since) / step) * step : step;
        const curves = database.curves(rows.map(({item}) => item), reach, step, end);
        this.empty.textContent = directions[direction];
        this.root.classList.remove('is_refused');
        this.show_rows(rows, (line, row) => line.show(row, curves.get(row.item), end, this.question));
        this.show_facts([`against ${against}`, Panels.proven_of(rows), Panels.milliseconds(milliseconds)]);
      } catch (error) {
        this.empty.textContent = error.message;
        this.root.classList.add('is_refused');
        this.show_rows([], () => {});
        this.show_facts([`against ${against}`]);
      }
    }
  }

  const make = (parent, choose) => questions.map((question) => new RisingPanel(parent, question, choose));
  return {make};
})();
