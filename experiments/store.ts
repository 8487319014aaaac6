import { DatabaseSync } from "node:sqlite";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../lib/train/mod.ts";

/**
 * Raised whenever results may change: a finished run of an older version is
 * stale, and is run again.
 */
export const numericsVersion = 3;

/** A run's config as its files carry it: with the version that computed them. */
export function withNumerics(config: unknown): Json {
  return { numerics: numericsVersion, run: config as Json };
}

/** A finished or unfinished run, as it is stored. */
export interface RunRecord {
  /** Hash of the resolved config and the seed. */
  readonly id: string;
  readonly label: string;
  readonly status: "running" | "finished";
  readonly seed: number;
  readonly config: unknown;
  /** The teacher's run, if there is one. */
  readonly teacher: string | null;
  /**
   * SHA-256 of the files of weights that the run starts from, `initial`, and is
   * distilled from, `teacher`, where it has them.
   */
  readonly weights: Readonly<Record<string, string>>;
  readonly numerics: number;
  readonly commit: string;
  readonly environment: string;
  readonly started: string;
  /**
   * Seconds of training and evaluation over all sittings; of one that was
   * killed, up to its last checkpoint. The first run of a sitting that asks a
   * teacher about an image waits for its answer, which is kept for the others.
   * 0 until the run is finished.
   */
  readonly seconds: number;
  /**
   * Share of the training's last sitting in which the step waited for a batch,
   * 0 to 1; `null` where it is not known.
   */
  readonly waitShare: number | null;
  readonly metrics: Readonly<Record<string, number>> | null;
  /**
   * Mean of every loss term, one entry an epoch; of a resumed epoch, its rest;
   * `null` where the database was lost and the run went on from a checkpoint.
   */
  readonly epochs: readonly (Readonly<Record<string, number>> | null)[];
}

/**
 * The store of runs: one SQLite file, so that tables share teachers and
 * baselines and a notebook shows stored rows at once. Several processes may use
 * it at the same time; one that writes of a run holds the run's lock.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const store = new RunStore(Deno.makeTempDirSync());
 * store.start({ id: "a1", label: "baseline", seed: 0, config: {}, teacher: null });
 * store.finish("a1", { ap: 0.4 }, { seconds: 60 });
 * assert.equal(store.finished("a1")?.metrics?.ap, 0.4);
 * store.close();
 * ```
 */
export class RunStore {
  readonly #db: DatabaseSync;
  readonly folder: string;

  /**
   * @param folder Where `runs.sqlite` and the runs' folders are; created.
   * @throws {Error} If the folder or the database cannot be used.
   */
  constructor(folder: string) {
    this.folder = folder;
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw new Error(
        `Cannot store runs in ${folder}: ${
          (error as Error).message
        }. It must ` +
          `be a folder that can be written: move away what is in its place, ` +
          `or change its permissions`,
        { cause: error },
      );
    }
    const path = join(folder, "runs.sqlite");
    try {
      this.#db = openDatabase(path);
    } catch (error) {
      throw new Error(
        `Cannot open the store of runs ${path}: ${(error as Error).message}. ` +
          `If the file is damaged, move it away with its -wal and -shm: ` +
          `finished runs are evaluated again from their checkpoints`,
        { cause: error },
      );
    }
  }

  /** The file whose lock is held by the process that is at a run. */
  lockFile(id: string): string {
    return join(this.folder, "runs", `${id}.lock`);
  }

  /** The folder of a run's checkpoints and weights. */
  runFolder(id: string): string {
    return join(this.folder, "runs", id);
  }

  /** Notes that a run begins, goes on, or is done again. */
  start(
    run:
      & Pick<RunRecord, "id" | "label" | "seed" | "config" | "teacher">
      & Partial<Pick<RunRecord, "weights">>,
  ): void {
    const old = this.get(run.id);
    if (old && old.numerics !== numericsVersion) this.#remove(run.id);
    this.#db.prepare(`
      INSERT INTO runs (id, label, status, seed, config, teacher, weights,
        numerics, commit_id, environment, started)
      VALUES (?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET status = 'running', metrics = NULL,
        seconds = 0, wait_share = NULL, weights = excluded.weights,
        commit_id = excluded.commit_id, environment = excluded.environment
    `).run(
      run.id,
      run.label,
      run.seed,
      JSON.stringify(run.config),
      run.teacher,
      JSON.stringify(run.weights ?? {}),
      numericsVersion,
      commitId(),
      environment(),
      new Date().toISOString(),
    );
  }

  /** A stale run goes with its checkpoints: nothing of it can be used. */
  #remove(id: string): void {
    rmSync(this.runFolder(id), { recursive: true, force: true });
    this.#db.prepare("DELETE FROM runs WHERE id = ?").run(id);
  }

  /** Stores the mean terms of one epoch, from 0. */
  addEpoch(id: string, epoch: number, terms: Record<string, number>): void {
    const epochs: RunRecord["epochs"][number][] = [...this.get(id)!.epochs];
    while (epochs.length < epoch) epochs.push(null);
    epochs[epoch] = terms;
    this.#db.prepare("UPDATE runs SET epochs = ? WHERE id = ?")
      .run(JSON.stringify(epochs), id);
  }

  /** Stores the results of a run, and what it took. */
  finish(
    id: string,
    metrics: Record<string, number>,
    { seconds, waitShare = null }: {
      seconds: number;
      waitShare?: number | null;
    },
  ): void {
    this.#db.prepare(`
      UPDATE runs SET status = 'finished', metrics = ?, seconds = ?,
        wait_share = ? WHERE id = ?
    `).run(JSON.stringify(metrics), seconds, waitShare, id);
  }

  /** The run if it is finished with today's numerics. */
  finished(id: string): RunRecord | undefined {
    const run = this.get(id);
    return run?.status === "finished" && run.numerics === numericsVersion
      ? run
      : undefined;
  }

  /** The run, in whatever state. */
  get(id: string): RunRecord | undefined {
    const row = this.#db.prepare("SELECT * FROM runs WHERE id = ?").get(id);
    return row && decode(row);
  }

  /** All runs, oldest first. */
  all(): RunRecord[] {
    return this.#db.prepare("SELECT * FROM runs ORDER BY started").all()
      .map(decode);
  }

  close(): void {
    this.#db.close();
  }
}

function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    // First the patience: the rest needs the file for itself.
    db.exec(`
      PRAGMA busy_timeout = 10000;
      PRAGMA journal_mode = WAL;
      CREATE TABLE IF NOT EXISTS runs (
        id TEXT PRIMARY KEY, label TEXT NOT NULL, status TEXT NOT NULL,
        seed INTEGER NOT NULL, config TEXT NOT NULL, teacher TEXT,
        numerics INTEGER NOT NULL, commit_id TEXT NOT NULL,
        environment TEXT NOT NULL, started TEXT NOT NULL,
        seconds REAL NOT NULL DEFAULT 0, metrics TEXT,
        epochs TEXT NOT NULL DEFAULT '[]'
      ) STRICT;
    `);
    addColumn(db, "wait_share", "REAL");
    addColumn(db, "weights", "TEXT NOT NULL DEFAULT '{}'");
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** Adds a column that stores of older versions lack. */
function addColumn(db: DatabaseSync, name: string, type: string): void {
  const columns = () => db.prepare("PRAGMA table_info(runs)").all();
  if (columns().some((column) => column.name === name)) return;
  db.exec("BEGIN IMMEDIATE"); // another process may be at it
  if (!columns().some((column) => column.name === name)) {
    db.exec(`ALTER TABLE runs ADD COLUMN ${name} ${type}`);
  }
  db.exec("COMMIT");
}

function decode(row: Record<string, unknown>): RunRecord {
  const { commit_id, wait_share, config, weights, metrics, epochs, ...rest } =
    row;
  return {
    ...rest,
    commit: commit_id,
    waitShare: wait_share,
    config: JSON.parse(config as string),
    weights: JSON.parse(weights as string),
    metrics: metrics === null ? null : JSON.parse(metrics as string),
    epochs: JSON.parse(epochs as string),
  } as unknown as RunRecord;
}

/** The code's commit, with `+` if files differ from it; "unknown" without git. */
function commitId(): string {
  const git = (...args: string[]) => {
    const { success, stdout } = new Deno.Command("git", {
      args,
      cwd: import.meta.dirname,
      stderr: "null",
    }).outputSync();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  };
  try {
    const commit = git("rev-parse", "--short=12", "HEAD");
    if (commit === undefined) return "unknown";
    const clean = git("status", "--porcelain", "--untracked-files=no") === "";
    return clean ? commit : `${commit}+`;
  } catch {
    return "unknown"; // git is not installed
  }
}

function environment(): string {
  const { os, arch } = Deno.build;
  return `Deno ${Deno.version.deno}, ${os} ${arch}, ` +
    `${navigator.hardwareConcurrency} cores`;
}
