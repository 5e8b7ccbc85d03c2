// The top 5 songs of the last hour, from Node with better-sqlite3 (npm install better-sqlite3).
//
//     node examples/node/plays.mjs [topk.so [database]]
//
// With the npm package sqlite-topk installed, load(db) finds the library: see
// extension/npm/README.md.
// Traps: better-sqlite3 13 does not run on Node 20 (12 does), and it brings a SQLite of its own.
// Never open one file through two copies of SQLite in one process (better-sqlite3 and sqlite3,
// say): closing it in one drops the locks of the other.
import Database from 'better-sqlite3';
import { fileURLToPath } from 'node:url';

const library = process.argv[2] ?? fileURLToPath(new URL('../../build/release/topk.so', import.meta.url));
const db = new Database(process.argv[3] ?? ':memory:');
db.loadExtension(library);

const songs = ['Take Five', 'So What', 'Naima', 'Blue Train', 'Footprints'];
const noon = Date.UTC(2024, 4, 1, 12) / 1000; // ts is in seconds: Date.now() / 1000, not Date.now()
db.exec('CREATE VIRTUAL TABLE plays USING topk_stream(k=100)');
const play = db.prepare('INSERT INTO plays(item, ts) VALUES (?, ?)');
db.transaction(() => {
  for (let i = 0; i < 7000; i++) play.run(songs[Math.min(i % 5, i % 7)], noon + i);
})();

// 'latest': as of the newest event; without it, as of now.
const top = db.prepare("SELECT rank, item, count, lower, upper FROM topk('1hour', 5, 'plays', 'fast', 'latest')");
for (const row of top.iterate()) {
  console.log(`${row.rank}. ${row.item}: ${row.count} plays, between ${row.lower} and ${row.upper}`);
}
