// Drives the built page in headless Chromium: what is drawn is what a SELECT says, whatever the user does.
//
//   node dashboard_test.mjs DASHBOARD_FOLDER LIBRARY      see run.sh
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {Browser} from './browser.mjs';
import {Claims} from './claims.mjs';
import {drawn_and_selected, pale_texts, too_wide, whole_log} from './in_page.mjs';
import {refused, risers_agree, rising} from './rising_claims.mjs';
import {serve} from './server.mjs';

const [folder, library] = process.argv.slice(2);
const claims = new Claims();
const desk = {width: 1280, height: 900};
const phone = {width: 360, height: 740, is_phone: true};
const start = '?paused&seed=11&history=0.25';

const is_ready = () => document.documentElement.classList.contains('is_ready');
const ready = (page) => page.until(is_ready, 'the page is ready');

// The panels say what a SELECT says, in text and in lengths; returns them.
const agree = async (page, when) => {
  const panels = await page.run(drawn_and_selected);
  const plain = ({rank, item, count, lower, upper, proven}) => ({rank, item, count, lower, upper, proven});
  claims.same(`${when}: the texts of all four windows are the rows of a SELECT`,
    panels.map(({window, drawn}) => [window, drawn.map(plain)]),
    panels.map(({window, selected}) => [window, selected.map(plain)]));
  const off = [];
  for (const {window, drawn} of panels) {
    const reach = Math.max(1, ...drawn.map((row) => row.upper));
    drawn.forEach((row, at) => {
      const near = (share, value, pixels) => Math.abs(share - value / reach) <= pixels * row.pixel;
      // An error bar is drawn only where the bounds differ, and is never thinner than two pixels.
      const is_right = near(row.shares.fill, row.count, 1.5) &&
        (row.lower === row.upper || (near(row.shares.lower, row.lower, 1.5) && near(row.shares.upper, row.upper, 2.5))) &&
        (at === 0 || row.top > drawn[at - 1].top);
      if (!is_right) off.push([window, row]);
    });
  }
  claims.same(`${when}: bars and error bars are as long as their numbers say`, off, []);
  const broken = panels.flatMap(({window, drawn, exact}) => drawn
    .filter((row) => !(row.lower <= (exact[row.item] ?? 0) && (exact[row.item] ?? 0) <= row.upper))
    .map((row) => [window, row.item]));
  claims.same(`${when}: the exact count lies within every error bar`, broken, []);
  return panels;
};

const of_window = (panels, window) => panels.find((panel) => panel.window === window);
const choose_mode = (page, mode) => page.click(`input[name="mode"][value="${mode}"]`);

// Types an item and a weight as a user does.
const fill_in = async (page, item, weight) => {
  for (const [id, text] of [['item', item], ['weight', String(weight)]]) {
    await page.click('#' + id);
    await page.run((name) => document.getElementById(name).select(), id);
    await page.type(text);
  }
};

const modes = async (page) => {
  const panels = await agree(page, 'fast');
  claims.same('a made-up day fills each window', panels.map(({drawn}) => drawn.length), [10, 10, 10, 10]);
  claims.holds('the day is too rich for bounds of zero: error bars are seen',
    panels.some(({drawn}) => drawn.some((row) => row.lower < row.upper)), panels.map(({drawn}) => drawn));
  for (const mode of ['hybrid', 'exact']) {
    await choose_mode(page, mode);
    const answered = await agree(page, mode);
    claims.same(`${mode}: the rows are those of GROUP BY over the log`,
      answered.map(({drawn}) => drawn.map(({item, count}) => [item, count])),
      answered.map(({grouped}) => grouped.map(({item, count}) => [item, count])));
  }
  await choose_mode(page, 'fast');
};

const typing = async (page) => {
  const sum_of = (item) => page.run((wanted) =>
    window.topk.select('SELECT coalesce(sum(weight), 0) AS n FROM hashtags WHERE item = ?1', wanted)[0].n, item);
  await fill_in(page, '#mine', 5000);
  await page.key('Enter', 'Enter', 13);
  claims.same('an item typed, and Enter: its weight is in the log', await sum_of('#mine'), 5000);
  const first = of_window(await agree(page, 'after typing'), '1min').drawn[0];
  claims.same('it leads the last minute', [first.item, first.lower, first.upper], ['#mine', 5000, 5000]);
  await fill_in(page, '#mine', 1800);
  await page.click('#retract');
  claims.same('Retract takes weight back', await sum_of('#mine'), 3200);
  const rest = of_window(await agree(page, 'after retracting'), '1min').drawn[0];
  claims.same('the bar follows', [rest.item, rest.count], ['#mine', 3200]);
  await fill_in(page, 'never seen', 1);
  await page.click('#retract');
  claims.same('what is not in the log cannot be retracted, and the page says so',
    [await page.run(() => document.getElementById('said').textContent), await sum_of('never seen')],
    ['The log holds no “never seen” to retract.', 0]);
  const odd = `<img src=x onerror=alert(1)> "it's" & 日本 🐘`;
  await fill_in(page, odd, 4000);
  await page.click('#add button[type="submit"]');
  const top = of_window(await agree(page, 'an odd item'), '1min').drawn[0];
  claims.same('markup in an item is text', [top.item, await page.run(() => document.querySelectorAll('img').length)], [odd, 0]);
  await page.click('.panel[data-window="1day"] li:nth-child(2) .item');
  const chosen = await page.run(() => {
    const item = document.getElementById('item').value;
    const {state, select} = window.topk;
    return {
      shown: [...document.querySelectorAll('#watched div')].map(({dataset}) =>
        [dataset.window, Number(dataset.count), Number(dataset.lower), Number(dataset.upper)]),
      selected: ['1min', '5min', '1hour', '1day'].map((length) => [length, ...Object.values(
        select("SELECT count, lower, upper FROM topk_count(?1, ?2, 'hashtags', ?3, ?4)", length, item, state.mode, state.asked)[0])]),
    };
  });
  claims.same('a click on an item shows its count in each window, as topk_count says', chosen.shown, chosen.selected);
};

const going_back = async (page) => {
  await page.run(() => document.getElementById('at').focus());
  for (let stroke = 0; stroke < 12; ++stroke) await page.key('PageDown', 'PageDown', 34);
  for (let stroke = 0; stroke < 4; ++stroke) await page.key('PageUp', 'PageUp', 33);
  for (let stroke = 0; stroke < 3; ++stroke) await page.key('ArrowRight', 'ArrowRight', 39);
  const [asked, now] = await page.run(() => [window.topk.state.asked, Date.now() / 1000]);
  claims.holds('the keyboard moves the slider hours back', now - asked > 3600 && now - asked < 82800, now - asked);
  const past = await agree(page, 'as of then');
  claims.same('what was typed later is not in the past',
    past.flatMap(({drawn}) => drawn.map((row) => row.item)).filter((item) => item === '#mine'), []);
  await page.click('#compare');
  const compared = await agree(page, 'as of then, comparing');
  const ticks = compared.flatMap(({window, drawn, exact}) => {
    const reach = Math.max(1, ...drawn.map((row) => row.upper));
    return drawn.filter((row) => row.shares.exact === null ||
      Math.abs(row.shares.exact - (exact[row.item] ?? 0) / reach) > 1.5 * row.pixel).map((row) => [window, row]);
  });
  claims.same('comparing: the mark on each bar is at the exact count', ticks, []);
  const table = await page.run(() => [...document.querySelectorAll('#comparison tbody tr')]
    .map((line) => [...line.children].map((cell) => cell.textContent)));
  claims.same('comparing: one line for each window', table.map(([title]) => title), ['1 minute', '5 minutes', '1 hour', '1 day']);
  claims.holds('comparing: the time of each mode is shown',
    table.every((cells) => cells.slice(1, 4).every((text) => /^\d+(\.\d)? ms$/.test(text))), table);
  const expected = compared.map(({selected, exact}) => {
    const best = Object.entries(exact).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, 10).map(([item]) => item);
    const miss = Math.max(0, ...selected.map((row) => Math.abs(row.count - (exact[row.item] ?? 0))));
    return [`${selected.filter((row) => best.includes(row.item)).length}/${selected.length}`,
      `${selected.length}/${selected.length}`, miss.toLocaleString('en')];
  });
  claims.same('comparing: in common, in bounds and the largest miss are as counted here', table.map((cells) => cells.slice(4)), expected);
  await page.click('#now');
  await agree(page, 'back to now, comparing');
  await page.click('#compare');
};

const streaming = async (page) => {
  const events = () => window.topk.select("SELECT events FROM topk_stats('hashtags')")[0].events;
  const before = await page.run(events);
  await page.click('#pause');
  await page.until((count) => window.topk.select("SELECT events FROM topk_stats('hashtags')")[0].events > count + 20,
    'the stream brings events', before);
  await page.click('#pause');
  const stopped = await page.run(events);
  await page.run(() => new Promise((resolve) => { setTimeout(resolve, 700); }));
  claims.same('the stream runs, and stands still when paused', [stopped > before + 20, await page.run(events)], [true, stopped]);
  await agree(page, 'after streaming');
  await page.until(() => document.getElementById('tile_events').textContent ===
    window.topk.select("SELECT events FROM topk_stats('hashtags')")[0].events.toLocaleString('en'), 'the tiles follow');
  claims.holds('the tiles say how fast queries are',
    await page.run(() => [/^[\d.]+ (µs|ms)$/.test(document.getElementById('tile_p50').textContent),
      /^[\d.]+ (µs|ms)$/.test(document.getElementById('tile_p95').textContent)].every(Boolean)));
};

// The file of the page, asked by the library that is built for this machine.
const elsewhere = async (page) => {
  const questions = (asked) => ['1min', '5min', '1hour', '1day'].map((window) =>
    `SELECT rank, item, count, lower, upper, proven FROM topk('${window}', 10, 'hashtags', 'fast', ${asked})`);
  const {bytes, here, asked} = await page.run(() => {
    const asked = Math.floor(window.topk.state.asked);
    return {
      asked,
      here: ['1min', '5min', '1hour', '1day'].map((length) => window.topk.select(
        "SELECT rank, item, count, lower, upper, proven FROM topk(?1, 10, 'hashtags', 'fast', ?2)", length, asked)),
      bytes: btoa([...window.topk.bytes()].map((byte) => String.fromCharCode(byte)).join('')),
    };
  });
  const scratch = mkdtempSync(join(tmpdir(), 'topk-file-'));
  try {
    const file = join(scratch, 'topk.db');
    writeFileSync(file, Buffer.from(bytes, 'base64'));
    const shell = (sql) => execFileSync('sqlite3',
      ['-batch', '-init', '/dev/null', '-json', '-cmd', `.load ${library.replace(/\.so$/, '')}`, file, sql], {encoding: 'utf8'});
    claims.same('the saved file, opened by the native library: the same rows, bounds and proofs',
      questions(asked).map((sql) => JSON.parse(shell(sql))), here);
    claims.same('and it is sound', [shell("INSERT INTO hashtags(hashtags) VALUES ('integrity-check')"),
      JSON.parse(shell('PRAGMA integrity_check'))], ['', [{integrity_check: 'ok'}]]);
  } finally {
    rmSync(scratch, {recursive: true});
  }
};

const reloading = async (page) => {
  await fill_in(page, '#kept', 9);
  await page.key('Enter', 'Enter', 13);
  await page.click('#theme');
  const before = await page.run(whole_log);
  await page.run(() => window.topk.save());
  await page.open();
  await ready(page);
  claims.same('a reload brings the same events back', [await page.run(() => window.topk.was_kept), await page.run(whole_log)], [true, before]);
  await agree(page, 'after the reload');
  claims.same('a reload keeps the choice of colours', await page.run(() => document.documentElement.dataset.theme), 'light');
  claims.same('the kept database is sound', await page.run(() => [
    window.topk.select("INSERT INTO hashtags(hashtags) VALUES ('integrity-check')"),
    window.topk.select('PRAGMA integrity_check')[0].integrity_check]), [[], 'ok']);
  for (let at = 0; at < 2; ++at) await page.click('#theme');  // dark, then auto
};

// Edges and contrast of one tab, on a phone and at a desk.
const looks_of_tab = async (page, tab, name, scheme) => {
  await page.look({...phone, scheme});
  await page.click('#tab_' + tab);
  claims.same(`360 pixels, ${name}: nothing reaches beyond the edge`, await page.run(too_wide), {scrolls: false, beyond: []});
  const {texts, pale} = await page.run(pale_texts);
  claims.same(`${name}: all ${texts > 100 ? 'texts' : texts + ' texts'} have a contrast of 4.5 or more`, pale, []);
  await page.look({...desk, scheme});
  claims.same(`1280 pixels, ${name}: nothing reaches beyond the edge`, await page.run(too_wide), {scrolls: false, beyond: []});
};

const looks = async (page) => {
  const papers = [];
  for (const scheme of ['light', 'dark']) {
    for (const is_past of [false, true]) {
      await page.run((minutes) => {
        const at = document.getElementById('at');
        at.value = String(minutes);
        at.dispatchEvent(new Event('input'));
        if (!document.getElementById('compare').checked) document.getElementById('compare').click();
      }, is_past ? 1100 : 1440);
      for (const [tab, shows] of [['fall', 'falling, '], ['rise', 'rising, '], ['top', '']]) {
        await looks_of_tab(page, tab, `${shows}${scheme}${is_past ? ', in the past' : ''}`, scheme);
      }
    }
    papers.push(await page.run(() => getComputedStyle(document.body).backgroundColor));
  }
  claims.holds('light and dark differ', papers[0] !== papers[1], papers);
  await page.run(() => { document.getElementById('now').click(); document.getElementById('compare').click(); });
  const {nodes} = await page.send('Accessibility.getFullAXTree');
  const controls = nodes.filter((node) => !node.ignored &&
    ['button', 'slider', 'textbox', 'spinbutton', 'radio', 'switch', 'checkbox', 'link'].includes(node.role?.value));
  claims.same('every control has a name', [controls.length > 50, controls.filter((node) => !node.name?.value).length], [true, 0]);
  const moving = () => {
    window.topk.select("INSERT INTO hashtags(item, weight) VALUES ('#riser', 9000 + (SELECT coalesce(sum(weight), 0) FROM hashtags WHERE item = '#riser'))");
    window.topk.refresh();
    return document.getAnimations().length > 0;
  };
  const still = await page.run(moving);
  await page.look({...desk, less_motion: false});
  claims.same('bars move, but not for those who asked for less motion', [still, await page.run(moving)], [false, true]);
  await page.look(desk);
};

// Two pages of one browser: the one that came last keeps the file.
const two_tabs = async (browser, page, url) => {
  const second = await browser.new_page();
  await second.look(desk);
  await second.open(url);
  await ready(second);
  await page.run(async () => {
    window.topk.select("INSERT INTO hashtags(item) VALUES ('of the first tab')");
    await window.topk.save();
  });
  claims.holds('a tab whose database was taken over by another says that it is no longer kept',
    (await page.run(() => document.getElementById('kept').textContent)).startsWith('Another tab'));
  const before = await second.run(whole_log);
  await second.run(() => window.topk.save());
  await second.open();
  await ready(second);
  claims.same('and mixes nothing into it', await second.run(whole_log), before);
  return second;
};

const beginning_anew = async (page) => {
  await page.click('#anew');
  await page.until(() => !document.getElementById('notice').hidden, 'the day is made up again');
  await page.until(() => document.getElementById('notice').hidden, 'the new day is there');
  claims.same('Start over deletes what there was',
    await page.run(() => window.topk.select("SELECT count(*) AS n FROM hashtags WHERE item IN ('#kept', '#mine', '#riser')")[0].n), 0);
  await risers_agree(claims, page, 'started over, rising');
  await page.click('#tab_top');
  await agree(page, 'started over');
  claims.same('no error, no warning in the console', page.problems, []);
  // Damage in the browser's store: the first piece of the file is overwritten.
  await page.run(() => new Promise((resolve, reject) => {
    const request = indexedDB.open('topk-dashboard');
    request.onerror = reject;
    request.onsuccess = () => {
      const transaction = request.result.transaction('pieces', 'readwrite');
      transaction.objectStore('pieces').put(new Uint8Array(65536).fill(7), 0);
      transaction.oncomplete = () => { request.result.close(); resolve(); };
    };
  }));
  await page.open();
  await ready(page);
  claims.same('a damaged store: the page says so in the console and starts over',
    [await page.run(() => window.topk.was_kept), page.problems.length, /kept database is not used/.test(page.problems[0])], [false, 1, true]);
  await agree(page, 'after the damage');
};

const server = await serve(folder);
const browser = await Browser.start(process.env.CHROMIUM ?? 'chromium');
try {
  const page = await browser.new_page();
  await page.look(desk);
  await page.open(server.url + start);
  await ready(page);
  claims.same('the first visit finds nothing kept', await page.run(() => window.topk.was_kept), false);
  await modes(page);
  await rising(claims, page, choose_mode);
  await typing(page);
  await going_back(page);
  await streaming(page);
  await elsewhere(page);
  await reloading(page);
  await looks(page);
  claims.same('no error, no warning in the console', page.problems, []);
  const second = await two_tabs(browser, page, server.url + start);
  await refused(claims, second);
  await beginning_anew(second);

  const local = await browser.new_page();
  await local.look(desk);
  await local.open(pathToFileURL(join(folder, 'index.html')).href + start);
  await ready(local);
  await agree(local, 'opened as a file');
  claims.same('opened as a file: no error in the console', local.problems, []);
} catch (error) {
  console.error(error);
  claims.same('the test runs to its end', error.message, '');
} finally {
  await browser.close();
  server.close();
}
process.exitCode = claims.finish('dashboard');
