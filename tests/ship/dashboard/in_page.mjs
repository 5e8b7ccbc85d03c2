// Functions that are run inside the page: what is drawn, and what a SELECT says at the same instant.

// Per panel: the rows drawn (text and geometry), and the rows of a SELECT with the same arguments. All in one
// task of the page, so that no event comes in between.
export const drawn_and_selected = () => {
  const {state} = window.topk;
  const number = (text) => Number(text.replaceAll(',', ''));
  const at = (part, bar, side) => (part[side] - bar.left) / bar.width;
  return [...document.querySelectorAll('#panels .panel')].map((panel) => ({
    window: panel.dataset.window,
    drawn: [...panel.querySelectorAll('li')].map((line) => {
      const part = (name) => line.querySelector('.' + name);
      const box = (name) => part(name).getBoundingClientRect();
      const [bar, fill, error, exact] = ['bar', 'fill', 'error', 'exact'].map(box);
      const bounds = part('bounds').textContent;
      const count = number(part('count').textContent);
      const [lower, upper] = bounds === 'exact' ? [count, count] : bounds.split('–').map(number);
      return {
        rank: number(part('rank').textContent),
        item: part('item').textContent,
        count,
        lower,
        upper,
        proven: part('proof').textContent === 'certainly in the top 10' ? 1 : 0,
        shares: {
          fill: at(fill, bar, 'right'),
          lower: at(error, bar, 'left'),
          upper: at(error, bar, 'right'),
          exact: exact.width ? (exact.left + exact.width / 2 - bar.left) / bar.width : null,
        },
        pixel: 1 / bar.width,
        top: line.getBoundingClientRect().top,
      };
    }),
    selected: window.topk.select(
      "SELECT rank, item, count, lower, upper, proven FROM topk(?1, 10, 'hashtags', ?2, ?3)",
      panel.dataset.window, state.mode, state.asked),
    exact: Object.fromEntries(window.topk.select(
      "SELECT item, count FROM topk(?1, 100000, 'hashtags', 'exact', ?2)", panel.dataset.window, state.asked)
      .map((row) => [row.item, row.count])),
    grouped: window.topk.select(
      `SELECT item, sum(weight) AS count FROM hashtags
        WHERE ts > ?2 - (SELECT until - since FROM topk(?1, 1, 'hashtags', 'fast', ?2)) AND ts <= ?2
        GROUP BY item HAVING sum(weight) > 0 ORDER BY count DESC, item LIMIT 10`, panel.dataset.window, state.asked),
  }));
};

// The same for what rises or falls: texts of each row, and its curve as counts that are read back from
// the lengths in its paths; and the rows of topk_trending and the steps of topk_series to compare.
export const risers_drawn_and_selected = () => {
  const {state, select} = window.topk;
  const is_past = !document.getElementById('now').disabled;
  const points = (path) => [...path.getAttribute('d').matchAll(/([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  return [...document.querySelectorAll('#rising .panel')].map((panel) => {
    const {window, baseline, step} = panel.dataset;
    const end = is_past ? state.asked : Math.ceil(state.asked / step) * step;
    const selected = select(
      `SELECT rank, item, count, expected, score, proven, score_lower, score_upper, baseline_since, since
         FROM topk_trending(?1, 10, 'hashtags', ?2, ?3, NULL, ?4, ?5)`, window, state.mode, state.asked, baseline, state.tab);
    return {
      question: `${window} against ${baseline}`,
      message: panel.querySelector('.empty').checkVisibility() ? panel.querySelector('.empty').textContent : null,
      drawn: [...panel.querySelectorAll('li')].map((line) => {
        const text = (name) => line.querySelector('.' + name).textContent;
        const [band, path, growing] = ['curve_band', 'curve_line', 'curve_growing'].map((name) => points(line.querySelector('.' + name)));
        const half = band.length / 2;
        return {
          texts: [text('rank'), text('item'), text('count'), text('expected'), text('score'), text('bounds'), text('proof')],
          counts: [...path, ...growing].filter((_, at) => at % 2 === 0),
          upper: band.slice(0, half).filter((_, at) => at % 2 === 0),
          lower: band.slice(half).reverse().filter((_, at) => at % 2 === 0),
          window_from: Number(line.querySelector('.curve_window').getAttribute('x')),
          is_seen: line.querySelector('.curve').getBoundingClientRect().width > 50,
        };
      }),
      selected,
      curves: selected.map((row) => select(
        "SELECT since, until, count, lower, upper FROM topk_series(?1, ?2, ?3, 'hashtags', 'fast', ?4)",
        Math.ceil((end - row.baseline_since) / step) * step, Number(step), row.item, end)),
    };
  });
};

// What reaches beyond the right edge of the window, also where it could be scrolled into view: nobody would look for it.
export const too_wide = () => {
  const width = document.documentElement.clientWidth;
  const beyond = [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > width + 0.5)
    .map((element) => `${element.tagName}.${element.className}`);
  return {scrolls: document.scrollingElement.scrollWidth > width, beyond};
};

// Texts whose contrast with what is behind them is below 4.5 to 1.
export const pale_texts = () => {
  const parse = (text) => {
    const match = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(text);
    return match && {rgb: match.slice(1, 4).map(Number), alpha: match[4] === undefined ? 1 : Number(match[4])};
  };
  const luminance = ({rgb}) => {
    const [r, g, b] = rgb.map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour && colour.alpha === 1) return colour;
    }
    return {rgb: [255, 255, 255]};
  };
  let texts = 0;
  const pale = [];
  for (const element of document.querySelectorAll('body *')) {
    const has_text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!has_text || !element.checkVisibility() || element.disabled || element.closest('.unseen, .skip, script')) continue;
    ++texts;
    const [ink, paper] = [luminance(parse(getComputedStyle(element).color)), luminance(behind(element))];
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (contrast < 4.5) pale.push(`${element.textContent.trim().slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return {texts, pale};
};

// The events of the stream as one text, to be compared across a reload.
export const whole_log = () => window.topk.select(
  `SELECT count(*) AS events, sum(weight) AS weight, min(ts) AS first, max(ts) AS last,
          sum(weight * (length(item) + unicode(substr(item, -1)) + ts % 1000)) AS mixed FROM hashtags`)[0];
