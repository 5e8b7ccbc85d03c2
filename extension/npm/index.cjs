'use strict';

const { arch, platform } = require('node:process');

const platforms = ['linux-arm64', 'linux-x64'];

function getLoadablePath() {
  const here = `${platform}-${arch}`;
  if (!platforms.includes(here)) {
    throw new Error(`sqlite-topk: there is no library for ${here}, only for ${platforms.join(' and ')}`);
  }
  try {
    return require.resolve(`sqlite-topk-${here}/topk.so`);
  } catch (cause) {
    throw new Error(
      `sqlite-topk: the package sqlite-topk-${here} is not installed. It is an optional dependency: ` +
        'install without --omit=optional, and on this platform (a node_modules copied from another one lacks it)',
      { cause },
    );
  }
}

function load(db) {
  db.loadExtension(getLoadablePath());
}

module.exports = { getLoadablePath, load };
