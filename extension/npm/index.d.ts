/** What `load` needs of a connection: that of better-sqlite3, of node:sqlite, or any with this method. */
export interface Db {
  loadExtension(file: string, entrypoint?: string | undefined): unknown;
}

/** The absolute path of the library for this platform. Throws where there is none, or where its package is missing. */
export declare function getLoadablePath(): string;

/** Loads the extension into one connection; call it for each connection. */
export declare function load(db: Db): void;
