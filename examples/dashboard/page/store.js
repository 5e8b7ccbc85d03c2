// Keeps the database file across reloads: the file lives in memory, its changed pieces in
// IndexedDB.
//
// A save is one IndexedDB transaction, begun while no SQLite transaction is open: what is stored is
// always a whole database. The page that opened the store last owns it; a page that finds another
// owner stops saving, so that two tabs never mix their pieces.
'use strict';

const Store = (() => {
  const piece_bytes = 65536;

  const finished = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const committed = (transaction) => new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('the save was aborted'));
  });

  class FileStore {
    constructor(base) {
      this.base = base;
      this.owner = crypto.getRandomValues(new Uint32Array(4)).join('-');
      this.dirty = new Set();
      this.saving = null;
      this.is_lost = false;  // another page has taken the store over
    }

    // Opens the store and takes it over.
    static async open(name) {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('pieces');
        request.result.createObjectStore('file');
      };
      return new FileStore(await finished(request));
    }

    // The file as it was saved last; null if there is none.
    async load() {
      const transaction = this.base.transaction(['pieces', 'file'], 'readwrite');
      const file = transaction.objectStore('file');
      const pieces = transaction.objectStore('pieces');
      const done = committed(transaction);
      const saved = await finished(file.get('state'));
      file.put({...(saved ?? {byte_size: 0}), owner: this.owner}, 'state');
      const [keys, values] = await Promise.all([finished(pieces.getAllKeys()), finished(pieces.getAll())]);
      await done;
      if (!saved || saved.byte_size === 0) return null;
      const bytes = new Uint8Array(saved.byte_size);
      keys.forEach((key, at) => {
        const start = key * piece_bytes;
        if (start < bytes.length) bytes.set(values[at].subarray(0, bytes.length - start), start);
      });
      return bytes;
    }

    // Records from now on which pieces of the file are written. Call it before SQLite opens the
    // file.
    watch(fs, path) {
      this.fs = fs;
      this.path = path;
      const {node} = fs.lookupPath(path);
      const operations = node.stream_ops;
      node.stream_ops = {
        ...operations,
        write: (stream, buffer, offset, length, position, can_own) => {
          const last = Math.floor((position + length - 1) / piece_bytes);
          for (let at = Math.floor(position / piece_bytes); at <= last; ++at) this.dirty.add(at);
          return operations.write(stream, buffer, offset, length, position, can_own);
        },
      };
    }

    has_changes() {
      return this.dirty.size > 0;
    }

    // Stores what has changed. The bytes are taken at once, before this returns its promise, unless
    // a save is under way: then the next one begins after it.
    save() {
      if (this.is_lost) return Promise.resolve();
      if (this.saving) return this.saving.then(() => this.save());
      if (!this.has_changes()) return Promise.resolve();
      const indexes = [...this.dirty];
      this.dirty.clear();
      const {node} = this.fs.lookupPath(this.path);
      const byte_size = node.usedBytes;
      const pieces = indexes
        .filter((at) => at * piece_bytes < byte_size)
        .map((at) => [at, node.contents.slice(at * piece_bytes, Math.min((at + 1) * piece_bytes, byte_size))]);
      this.saving = this.put(pieces, byte_size)
        .catch((error) => {
          for (const at of indexes) this.dirty.add(at);
          throw error;
        })
        .finally(() => { this.saving = null; });
      return this.saving;
    }

    async put(pieces, byte_size) {
      const transaction = this.base.transaction(['pieces', 'file'], 'readwrite');
      const done = committed(transaction);
      const file = transaction.objectStore('file');
      const state = await finished(file.get('state'));
      if (state && state.owner !== this.owner) {
        this.is_lost = true;
      } else {
        const store = transaction.objectStore('pieces');
        for (const [at, bytes] of pieces) store.put(bytes, at);
        store.delete(IDBKeyRange.lowerBound(Math.ceil(byte_size / piece_bytes)));
        file.put({byte_size, owner: this.owner}, 'state');
      }
      await done;
    }

    // Forgets the file; this page goes on owning the store.
    async clear() {
      this.dirty.clear();
      await this.saving;
      const transaction = this.base.transaction(['pieces', 'file'], 'readwrite');
      transaction.objectStore('pieces').clear();
      transaction.objectStore('file').put({byte_size: 0, owner: this.owner}, 'state');
      await committed(transaction);
    }
  }

  return {open: FileStore.open};
})();
