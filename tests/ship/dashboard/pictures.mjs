// Pictures of the page, to be looked at: light, dark, rising, in the past, comparing, and on a phone.
//
//   node tests/ship/dashboard/pictures.mjs [FOLDER]      after examples/dashboard/build.sh; build/dashboard/pictures without FOLDER
import {mkdirSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {join} from 'node:path';
import {Browser} from './browser.mjs';
import {serve} from './server.mjs';

const built = fileURLToPath(new URL('../../../build/dashboard', import.meta.url));
const folder = process.argv[2] ?? join(built, 'pictures');
mkdirSync(folder, {recursive: true});
const server = await serve(built);
const browser = await Browser.start(process.env.CHROMIUM ?? '/usr/bin/chromium');
try {
  const page = await browser.new_page();
  const desk = {width: 1280, height: 900};
  const phone = {width: 360, height: 740, is_phone: true};
  const take = async (name, look) => {
    await page.look(look);
    await page.run(() => scrollTo(0, 0));
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    writeFileSync(join(folder, name + '.png'), await page.picture());
  };
  await page.look(desk);
  await page.open(server.url + '?seed=11');
  await page.until(() => document.documentElement.classList.contains('is_ready'), 'the page is ready');
  await new Promise((resolve) => { setTimeout(resolve, 6000); });
  await take('light', desk);
  await take('dark', {...desk, scheme: 'dark'});
  await take('phone_light', phone);
  await page.click('#tab_rise');
  await take('rising_light', desk);
  await take('rising_dark', {...desk, scheme: 'dark'});
  await take('rising_phone_light', phone);
  await take('rising_phone_dark', {...phone, scheme: 'dark'});
  await page.click('#tab_fall');
  await take('falling_light', desk);
  await page.click('#tab_top');
  await page.click('.panel[data-window="1hour"] li:nth-child(2) .item');
  await page.click('#compare');
  await take('phone_dark_compare', {...phone, scheme: 'dark'});
  await take('compare_light', desk);
  await page.run(() => {
    const at = document.getElementById('at');
    at.value = '1180';
    at.dispatchEvent(new Event('input'));
  });
  await take('past_light', desk);
  await take('past_dark', {...desk, scheme: 'dark'});
  await page.click('#compare');
  await page.click('#tab_rise');
  await take('rising_past_light', desk);
  console.log(`pictures in ${folder}` + (page.problems.length ? `; the console says:\n${page.problems.join('\n')}` : ''));
} finally {
  await browser.close();
  server.close();
}
