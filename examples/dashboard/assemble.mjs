// Turns a page into one file: writes its style sheets and scripts into it.
//
//   node assemble.mjs PAGE.html OUTPUT.html FOLDER...     each file is taken from the first folder that has it
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

const [page, output, ...folders] = process.argv.slice(2);

const content = (name) => {
  const path = folders.map((folder) => join(folder, name)).find(existsSync);
  if (!path) throw new Error(`${name} is in none of ${folders.join(', ')}`);
  return readFileSync(path, 'utf8');
};
// Inside <script>, these three end the script or change how its end is found.
const inside_script = (text) => text.replace(/<(?=\/script|!--|script)/gi, '\\x3c');

const whole = readFileSync(page, 'utf8')
  .replace(/<link rel="stylesheet" href="([^"]+)">/g, (_, name) => `<style>\n${content(name)}</style>`)
  .replace(/<script src="([^"]+)"><\/script>/g, (_, name) => `<script>\n${inside_script(content(name))}</script>`);
writeFileSync(output, whole);
console.log(`${output}: ${(Buffer.byteLength(whole) / 1e6).toFixed(1)} MB`);
