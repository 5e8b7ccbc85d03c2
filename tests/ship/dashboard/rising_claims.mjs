// The tabs Rising and Falling: what is drawn is what topk_trending and topk_series say.
import {risers_drawn_and_selected} from './in_page.mjs';

const number = new Intl.NumberFormat('en');
const tenths = new Intl.NumberFormat('en', {minimumFractionDigits: 1, maximumFractionDigits: 1});
const decimal = (value) => (Math.abs(value) < 999.95 ? tenths.format(value) : number.format(Math.round(value)));
const signed = (value) => (value > 0 ? '+' : '') + decimal(value);
const texts = (row) => [String(row.rank), row.item, number.format(row.count), `expected ${decimal(row.expected)}`, signed(row.score),
  row.score_lower === null || row.score_upper === null ? 'no bounds'
    : row.score_upper - row.score_lower < 1e-9 ? 'exact' : `${signed(row.score_lower)} to ${signed(row.score_upper)}`,
  row.proven ? 'certainly in the top 10' : 'not certain to be in the top 10'];

// Where in the curve's box, 100 by 34 with a margin of 1, a step begins and its counts are drawn.
const off_curve = (drawn, steps, since) => {
  const [from, until] = [steps[0].since, steps.at(-1).until];
  const most = Math.max(1, ...steps.map((step) => step.upper));
  const near = (got, expected) => Math.abs(got - expected) <= 0.011;
  const is_right = (points, name) => points.length === steps.length && points.every(([x, y], at) =>
    near(x, (100 * (steps[at].since - from)) / (until - from)) && near(y, 33 - (32 * steps[at][name]) / most));
  return ['counts', 'lower', 'upper'].filter((name) => !is_right(drawn[name], name.replace('counts', 'count')))
    .concat(near(drawn.window_from, (100 * (since - from)) / (until - from)) ? [] : ['window'])
    .concat(drawn.is_seen ? [] : ['unseen']);
};

// All that one tab shows; returns the panels.
export const risers_agree = async (claims, page, when) => {
  const panels = await page.run(risers_drawn_and_selected);
  claims.same(`${when}: score, bounds, count, expected and proof of each row are those of topk_trending`,
    panels.map(({question, drawn}) => [question, drawn.map((row) => row.texts)]),
    panels.map(({question, selected}) => [question, selected.map(texts)]));
  const off = panels.flatMap(({question, drawn, selected, curves}) => drawn
    .map((row, at) => [question, row.texts[1], off_curve(row, curves[at], selected[at].since)]).filter((row) => row[2].length > 0));
  claims.same(`${when}: the curve of each item, and the band around it, are the steps of topk_series`, off, []);
  return panels;
};

export const rising = async (claims, page, choose_mode) => {
  await page.click('#tab_rise');
  const panels = await risers_agree(claims, page, 'rising');
  claims.same('rising: the panels of what is most frequent are gone', await page.run(() =>
    [document.getElementById('panels').checkVisibility(), document.getElementById('rising').checkVisibility()]), [false, true]);
  claims.holds('a made-up day has something that rises in each of the longer times',
    panels.slice(1).every(({drawn}) => drawn.length > 3), panels.map(({drawn}) => drawn.length));
  claims.holds('bounds are seen around curves', panels.some(({curves}) => curves.flat().some((step) => step.lower < step.upper)));
  for (const mode of ['hybrid', 'exact']) {
    await choose_mode(page, mode);
    const answered = await risers_agree(claims, page, `rising, ${mode}`);
    claims.same(`rising, ${mode}: all rows are proven`,
      answered.flatMap(({selected}) => selected).filter((row) => row.proven !== 1), []);
  }
  await choose_mode(page, 'fast');
  await page.run(() => document.getElementById('tab_rise').focus());
  await page.key('ArrowRight', 'ArrowRight', 39);
  claims.same('the arrow keys go from tab to tab', await page.run(() =>
    [document.activeElement.id, window.topk.state.tab, document.activeElement.getAttribute('aria-selected')]), ['tab_fall', 'fall', 'true']);
  const fallen = await risers_agree(claims, page, 'falling');
  claims.holds('what falls has scores below 0', fallen.flatMap(({selected}) => selected).every((row) => row.score < 0) &&
    fallen.some(({selected}) => selected.length > 0));
  await page.run(() => {
    const at = document.getElementById('at');
    at.value = '1200';
    at.dispatchEvent(new Event('input'));
  });
  await risers_agree(claims, page, 'falling, as of then');
  await page.click('#now');
  await page.click('#tab_top');
};

// A stream that retains too little: the error is text in its place, and the other panels go on. The
// page is left with that stream.
export const refused = async (claims, page) => {
  await page.click('#tab_rise');
  const messages = await page.run(() => {
    window.topk.select('DROP TABLE hashtags');
    window.topk.select("CREATE VIRTUAL TABLE hashtags USING topk_stream(windows='1min,5min,1hour', retain='3 hours', log=on)");
    window.topk.select("INSERT INTO hashtags(item) VALUES ('#one')");
    window.topk.refresh();
    return [...document.querySelectorAll('#rising .panel .empty')].map((text) => text.checkVisibility() ? text.textContent : null);
  });
  claims.same('a baseline that is not retained: the panel shows the error, and the others their rows',
    messages.map((text) => text && /retain='3hours'; create it with retain='1day'/.test(text)), [null, null, null, true]);
};
