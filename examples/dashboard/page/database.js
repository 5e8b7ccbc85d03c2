// The page's database: one stream of hashtags, its queries, and how it is kept in the browser.
'use strict';

const Hashbase = (() => {
  const path = '/topk.db';
  const layout = 2;  // of the database made here; a stored one of another layout is discarded
  // What rises is asked for as of any time of the last day, with up to a day of what came before it:
  // two days are retained.
  const schema = `
    PRAGMA page_size = 8192;
    PRAGMA user_version = ${layout};
    CREATE VIRTUAL TABLE hashtags USING topk_stream(
      windows='1min,5min,1hour,1day', retain='2 days', k=10, log=on);`;

  class Hashbase {
    constructor(module, store) {
      this.module = module;
      this.store = store;  // null: nothing is kept
    }

    // Opens what the store kept. True if there was something; otherwise the stream is new and
    // empty.
    async open() {
      const kept = await this.store?.load();
      if (kept) {
        try {
          this.connect(kept);
          if (this.select('PRAGMA user_version')[0].user_version !== layout) throw new Error('another layout');
          this.select("SELECT events FROM topk_stats('hashtags')");
          return true;
        } catch (error) {
          console.warn('The kept database is not used:', error.message);
          if (this.sql) this.sql.close();
        }
      }
      await this.create();
      return false;
    }

    async create() {
      await this.store?.clear();
      this.connect(new Uint8Array(0));
      this.sql.exec(schema);
    }

    async start_over() {
      this.sql.close();
      this.sql = null;
      await this.create();
    }

    connect(bytes) {
      const {FS} = this.module;
      if (FS.analyzePath(path).exists) FS.unlink(path);
      FS.writeFile(path, bytes);
      this.store?.watch(FS, path);
      this.sql = new Sqlite.Database(this.module, path);
      // Only whole transactions are saved, so the journal need not be a file.
      this.sql.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE');
    }

    bytes() {
      return this.module.FS.readFile(path);
    }

    byte_size() {
      return this.module.FS.stat(path).size;
    }

    select(sql, ...values) {
      return this.sql.select(sql, ...values);
    }

    // Many events at once: [item, ts] each.
    add_all(events) {
      this.sql.transaction(() => {
        for (const [item, ts] of events) this.sql.run('INSERT INTO hashtags(item, ts) VALUES (?1, ?2)', item, ts);
      });
    }

    add(item, weight) {
      this.sql.run('INSERT INTO hashtags(item, weight) VALUES (?1, ?2)', item, weight);
    }

    // Retracts with the time of the item's latest event, so that every window that has it subtracts
    // it. False if the log holds none.
    retract(item, weight) {
      const [latest] = this.select(
        'SELECT ts FROM hashtags WHERE item = ?1 AND weight > 0 ORDER BY ts DESC, rowid DESC LIMIT 1', item);
      if (!latest) return false;
      this.sql.run('INSERT INTO hashtags(item, ts, weight) VALUES (?1, ?2, ?3)', item, latest.ts, -weight);
      return true;
    }

    // {rows, milliseconds}: the top 10 of a window as of then.
    top(window, mode, at) {
      const statement = this.sql.cached(
        `SELECT rank, item, count, lower, upper, proven, total_lower, total_upper, source
           FROM topk(?1, 10, 'hashtags', ?2, ?3)`);
      const begun = performance.now();
      const rows = statement.all(window, mode, at);
      return {rows, milliseconds: performance.now() - begun};
    }

    count_of(window, item, mode, at) {
      return this.select("SELECT count, lower, upper FROM topk_count(?1, ?2, 'hashtags', ?3, ?4)",
        window, item, mode, at)[0];
    }

    // {rows, milliseconds}: the 10 items that have risen ('rise') or fallen most.
    rising(window, baseline, direction, mode, at) {
      const statement = this.sql.cached(
        `SELECT rank, item, count, expected, score, proven, lower, upper, expected_lower, expected_upper,
                score_lower, score_upper, baseline_since, since, until
           FROM topk_trending(?1, 10, 'hashtags', ?2, ?3, NULL, ?4, ?5)`);
      const begun = performance.now();
      const rows = statement.all(window, mode, at, baseline, direction);
      return {rows, milliseconds: performance.now() - begun};
    }

    // Maps each item to its steps, the oldest first. One statement, so that each pane is read once.
    // Always fast: the log is not read for a curve of a day.
    curves(items, window, step, at) {
      const curves = new Map(items.map((item) => [item, []]));
      const steps = this.select(
        `SELECT i.key, s.since, s.until, s.count, s.lower, s.upper
           FROM json_each(?1) AS i, topk_series(?2, ?3, i.value, 'hashtags', 'fast', ?4) AS s`,
        JSON.stringify(items), window, step, at);
      for (const {key, ...step_of_item} of steps) curves.get(items[key]).push(step_of_item);
      return curves;
    }

    figures() {
      return this.select("SELECT * FROM topk_stats('hashtags')")[0];
    }
  }

  return {Hashbase};
})();
