// SQLite's C API as the WebAssembly module exports it; only what the page needs.
'use strict';

const Sqlite = (() => {
  const OK = 0;
  const ROW = 100;
  const DONE = 101;
  const INTEGER = 1;
  const FLOAT = 2;
  const TEXT = 3;
  const BLOB = 4;
  const open_readwrite_create = 0x2 | 0x4;
  const transient = -1;  // SQLite copies the text at once

  class SqliteError extends Error {
    constructor(message, code) {
      super(message);
      this.name = 'SqliteError';
      this.code = code;
    }
  }

  const encoder = new TextEncoder();
  const decoder = new TextDecoder();

  // A prepared statement. Parameters are ?1, ?2, ... in order: null, number, bigint or string.
  class Statement {
    constructor(database, handle) {
      this.database = database;
      this.module = database.module;
      this.handle = handle;
      const count = this.module._sqlite3_column_count(handle);
      this.names = [];
      for (let at = 0; at < count; ++at) {
        this.names.push(this.module.UTF8ToString(this.module._sqlite3_column_name(handle, at)));
      }
    }

    bind(values) {
      const {module, handle, database} = this;
      values.forEach((value, index) => {
        const at = index + 1;
        let code;
        if (value === null || value === undefined) {
          code = module._sqlite3_bind_null(handle, at);
        } else if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
          code = module._sqlite3_bind_int64(handle, at, BigInt(value));
        } else if (typeof value === 'number') {
          code = module._sqlite3_bind_double(handle, at, value);
        } else {
          const text = database.scratch_text(String(value));
          code = module._sqlite3_bind_text(handle, at, text.pointer, text.byte_size, transient);
        }
        database.check(code);
      });
    }

    // Runs to the end; rows, if there are any, are dropped.
    run(...values) {
      this.each(values, () => {});
    }

    // The rows, as objects by column name.
    all(...values) {
      const rows = [];
      this.each(values, (row) => rows.push(row));
      return rows;
    }

    each(values, take) {
      const {module, handle, names} = this;
      try {
        this.bind(values);
        let code;
        while ((code = module._sqlite3_step(handle)) === ROW) {
          const row = {};
          names.forEach((name, at) => { row[name] = this.column(at); });
          take(row);
        }
        if (code !== DONE) this.database.check(code);
      } finally {
        module._sqlite3_reset(handle);  // repeats the code of a step that failed
      }
    }

    column(at) {
      const {module, handle} = this;
      switch (module._sqlite3_column_type(handle, at)) {
        case INTEGER: {
          const value = module._sqlite3_column_int64(handle, at);
          const number = Number(value);
          return Number.isSafeInteger(number) ? number : value;
        }
        case FLOAT:
          return module._sqlite3_column_double(handle, at);
        case TEXT:
        case BLOB: {
          const is_text = module._sqlite3_column_type(handle, at) === TEXT;
          const from = is_text ? module._sqlite3_column_text(handle, at)
                               : module._sqlite3_column_blob(handle, at);
          const bytes = module.HEAPU8.slice(from, from + module._sqlite3_column_bytes(handle, at));
          return is_text ? decoder.decode(bytes) : bytes;
        }
        default:
          return null;
      }
    }

    finalize() {
      this.module._sqlite3_finalize(this.handle);
      this.handle = 0;
    }
  }

  class Database {
    // Opens the file, creates it if missing, and registers the extension with the connection.
    constructor(module, path) {
      this.module = module;
      this.statements = new Map();
      this.scratch = {pointer: 0, byte_size: 0};
      this.slot = module._malloc(4);
      const text = this.scratch_text(path);
      const code = module._sqlite3_open_v2(text.pointer, this.slot, open_readwrite_create, 0);
      this.handle = this.slot_value();
      this.check(code);
      this.check(module._sqlite3_topk_init(this.handle, this.slot, 0));
    }

    check(code) {
      if (code === OK) return;
      const {module} = this;
      const message = this.handle ? module._sqlite3_errmsg(this.handle) : module._sqlite3_errstr(code);
      throw new SqliteError(module.UTF8ToString(message), code);
    }

    // Every statement of a text, one after another.
    exec(sql) {
      const text = encoder.encode(sql + '\0');
      const start = this.module._malloc(text.length);
      this.module.HEAPU8.set(text, start);
      try {
        for (let at = start; this.module.HEAPU8[at] !== 0;) {
          const tail_slot = this.module._malloc(4);
          const code = this.module._sqlite3_prepare_v2(this.handle, at, -1, this.slot, tail_slot);
          at = this.module.HEAPU32[tail_slot >> 2];
          this.module._free(tail_slot);
          this.check(code);
          if (this.slot_value() === 0) continue;  // a comment, or white space
          const statement = new Statement(this, this.slot_value());
          try {
            statement.run();
          } finally {
            statement.finalize();
          }
        }
      } finally {
        this.module._free(start);
      }
    }

    prepare(sql) {
      const text = this.scratch_text(sql);
      this.check(this.module._sqlite3_prepare_v2(this.handle, text.pointer, text.byte_size, this.slot, 0));
      if (this.slot_value() === 0) throw new SqliteError('no statement in: ' + sql, 1);
      return new Statement(this, this.slot_value());
    }

    // The statement of this text, prepared once for the life of the connection.
    cached(sql) {
      let statement = this.statements.get(sql);
      if (!statement) this.statements.set(sql, statement = this.prepare(sql));
      return statement;
    }

    select(sql, ...values) {
      return this.cached(sql).all(...values);
    }

    run(sql, ...values) {
      this.cached(sql).run(...values);
    }

    // Runs `body` in a transaction: all of it, or nothing.
    transaction(body) {
      this.run('BEGIN');
      try {
        const value = body();
        this.run('COMMIT');
        return value;
      } catch (error) {
        try {
          this.run('ROLLBACK');
        } catch {
          // SQLite has rolled back already; the first error is the one to report.
        }
        throw error;
      }
    }

    close() {
      for (const statement of this.statements.values()) statement.finalize();
      this.statements.clear();
      this.check(this.module._sqlite3_close_v2(this.handle));
      this.handle = 0;
      this.module._free(this.scratch.pointer);
      this.module._free(this.slot);
    }

    // UTF-8 with a terminating NUL, in a buffer that the next call overwrites.
    scratch_text(text) {
      const needed = text.length * 3 + 1;
      if (needed > this.scratch.byte_size) {
        this.module._free(this.scratch.pointer);
        const byte_size = Math.max(256, needed);
        this.scratch = {pointer: this.module._malloc(byte_size), byte_size};
      }
      const {pointer} = this.scratch;
      const {written} = encoder.encodeInto(text, this.module.HEAPU8.subarray(pointer, pointer + needed));
      this.module.HEAPU8[pointer + written] = 0;
      return {pointer, byte_size: written};
    }

    slot_value() {
      return this.module.HEAPU32[this.slot >> 2];
    }
  }

  return {Database, SqliteError};
})();
