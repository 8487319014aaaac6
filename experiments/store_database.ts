import { DatabaseSync } from "node:sqlite";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isBusy, isReadOnly } from "./store_error.ts";

/**
 * The format of the database, which is its `user_version`. 0 is of before there
 * were versions.
 */
export const storeVersion = 1;

/** Milliseconds to wait for what another process writes. */
export const PATIENCE = 10_000;

/** Milliseconds until what SQLite does not wait for is tried again. */
const RETRY = 10;

/**
 * Opens the database of a store to read and write; makes it, or brings one of an
 * older version up to date and keeps a copy as `….before-1`.
 *
 * @param path The file; its folder exists.
 * @throws {Error} If it cannot be read and written, or is of a newer version.
 */
export function openDatabase(path: string, patience = PATIENCE): DatabaseSync {
  const db = open(path, patience);
  try {
    // Which also says whether it can be written.
    db.exec(`BEGIN IMMEDIATE; ${ADDED} COMMIT`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * What was added to the format since: older code passes over it, so that the
 * version stays. A run that goes, or is done again, takes along what was measured
 * of it, whatever code removes it.
 */
const ADDED = `
  CREATE TABLE IF NOT EXISTS measured (
    run TEXT NOT NULL, measuring TEXT NOT NULL, teacher TEXT,
    numerics INTEGER NOT NULL, metrics TEXT NOT NULL,
    PRIMARY KEY (run, measuring)
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS measured_of_removed AFTER DELETE ON runs BEGIN
    DELETE FROM measured WHERE OLD.id IN (run, teacher);
  END;
  CREATE TRIGGER IF NOT EXISTS measured_of_restarted
    AFTER UPDATE OF status ON runs WHEN NEW.status = 'running'
  BEGIN
    DELETE FROM measured WHERE NEW.id IN (run, teacher);
  END;
  CREATE TABLE IF NOT EXISTS data_notices (
    data TEXT PRIMARY KEY, notices TEXT NOT NULL
  ) STRICT;
`;

/**
 * Opens the database of a store to read it: one that cannot be written is read
 * in a copy.
 *
 * @param path The file, which exists.
 * @throws {Error} If it cannot be read, or is of a newer version.
 */
export function readDatabase(path: string, patience = PATIENCE): DatabaseSync {
  try {
    return open(path, patience);
  } catch (error) {
    if (!isReadOnly(error)) throw error;
    return copyInMemory(path, patience);
  }
}

function open(path: string, patience: number): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    // First the patience: the rest needs the file for itself.
    db.exec(`PRAGMA busy_timeout = ${patience}`);
    if (versionOf(db) > storeVersion) {
      throw new RangeError(
        `its format is ${versionOf(db)}, of a newer ldlab; this one knows ` +
          `formats up to ${storeVersion}. Use that ldlab, or name another folder`,
      );
    }
    keepLog(db, patience);
    if (versionOf(db) < storeVersion) migrate(db, path, patience);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Has writes go to a log beside the file. Of several processes that begin that at
 * once SQLite fails all but one, without patience, lest each wait for the other.
 */
function keepLog(db: DatabaseSync, patience: number): void {
  const end = performance.now() + patience;
  while (journalOf(db) !== "wal") {
    try {
      db.exec("PRAGMA journal_mode = WAL");
    } catch (error) {
      if (!isBusy(error) || performance.now() >= end) throw error;
      Atomics.wait(NEVER, 0, 0, RETRY);
    }
  }
}

/** Nobody wakes who waits for it. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));

const versionOf = (db: DatabaseSync) =>
  db.prepare("PRAGMA user_version").get()!.user_version as number;

const journalOf = (db: DatabaseSync) =>
  db.prepare("PRAGMA journal_mode").get()!.journal_mode;

/** Makes the table, or brings it up to date. */
function migrate(db: DatabaseSync, path: string, patience: number): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    if (versionOf(db) < storeVersion) { // another process may have done it
      const columns = db.prepare("PRAGMA table_info(runs)").all()
        .map(({ name }) => name);
      if (columns.length > 0) keepCopy(path, patience);
      db.exec(`
        CREATE TABLE IF NOT EXISTS runs (
          id TEXT PRIMARY KEY, label TEXT NOT NULL, status TEXT NOT NULL,
          seed INTEGER NOT NULL, config TEXT NOT NULL, teacher TEXT,
          numerics INTEGER NOT NULL, commit_id TEXT NOT NULL,
          environment TEXT NOT NULL, started TEXT NOT NULL,
          seconds REAL NOT NULL DEFAULT 0, metrics TEXT,
          epochs TEXT NOT NULL DEFAULT '[]'
        ) STRICT;
      `);
      for (const [name, type] of LATER_COLUMNS) {
        if (columns.includes(name)) continue;
        db.exec(`ALTER TABLE runs ADD COLUMN ${name} ${type}`);
      }
      db.exec(`PRAGMA user_version = ${storeVersion}`);
    }
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** What stores of before there were versions may lack. */
const LATER_COLUMNS = [
  ["wait_share", "REAL"],
  ["weights", "TEXT NOT NULL DEFAULT '{}'"],
  ["evaluations", "TEXT NOT NULL DEFAULT '[]'"],
  ["divergence", "TEXT"],
] as const;

/** Copies what is committed, whole or not at all, while the file is held. */
function keepCopy(path: string, patience: number): void {
  const aside = `${path}.before-${storeVersion}.part`;
  rmSync(aside, { force: true });
  const reader = new DatabaseSync(path);
  try {
    reader.exec(`PRAGMA busy_timeout = ${patience}`);
    reader.prepare("VACUUM INTO ?").run(aside);
    renameSync(aside, `${path}.before-${storeVersion}`);
  } finally {
    reader.close();
    rmSync(aside, { force: true });
  }
}

/** The database in memory; what a killed process left in its log is in it. */
function copyInMemory(path: string, patience: number): DatabaseSync {
  const folder = mkdtempSync(join(tmpdir(), "ldlab-runs-"));
  try {
    const copy = join(folder, "runs.sqlite");
    for (const end of ["", "-wal"]) {
      if (!existsSync(path + end)) continue;
      copyFileSync(path + end, copy + end);
      chmodSync(copy + end, 0o600);
    }
    open(copy, patience).close();
    const db = new DatabaseSync(":memory:");
    db.prepare("ATTACH ? AS copied").run(copy);
    db.exec("CREATE TABLE runs AS SELECT * FROM copied.runs");
    db.exec("DETACH copied; PRAGMA query_only = ON");
    return db;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
