import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Divergence, Json } from "../lib/train/mod.ts";
import { commitId, environment } from "./run_environment.ts";
import type { RunRecord } from "./run_record.ts";
import { openDatabase, readDatabase } from "./store_database.ts";
import { storeError } from "./store_error.ts";
import { makeStoreFolder } from "./store_folder.ts";
import { recordOf, type Row } from "./store_row.ts";

export type { Evaluation, RunRecord } from "./run_record.ts";

/**
 * Raised whenever results may change: a finished run of an older version is
 * stale, and is run again.
 */
export const numericsVersion = 3;

/** A run's config as its files carry it: with the version that computed them. */
export function withNumerics(config: unknown): Json {
  return { numerics: numericsVersion, run: config as Json };
}

/** How to open a store. */
export interface StoreOptions {
  /**
   * Whether runs are only looked at: then the store must be there, and one that
   * cannot be written will do. False unless given.
   */
  readonly forReading?: boolean;
  /** Milliseconds to wait for what another process writes; 10,000 unless given. */
  readonly patience?: number;
}

/**
 * The store of runs: one SQLite file, so that tables share teachers and
 * baselines and a notebook shows stored rows at once. Several processes may use
 * it at the same time; one that writes of a run holds the run's lock. A store of
 * an older version is brought up to date when it is opened, and a copy of it is
 * kept beside it.
 *
 * All that writes throws an `Error` where the store is read-only, the disk is
 * full, or another process holds the store for too long; what was stored stays.
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
  readonly #path: string;
  readonly folder: string;

  /**
   * @param folder Where `runs.sqlite` and the runs' folders are; created, unless
   * it is only read.
   * @throws {Error} If the folder or the database cannot be used, or is of a
   * newer version.
   */
  constructor(
    folder: string,
    { forReading = false, patience }: StoreOptions = {},
  ) {
    this.folder = folder;
    const path = this.#path = join(folder, "runs.sqlite");
    if (forReading && !existsSync(path)) {
      throw new Error(
        `Cannot read runs: there is no ${path}. The first run makes it; name ` +
          `the folder of another store with --folder`,
      );
    }
    if (!forReading) makeStoreFolder(folder);
    try {
      this.#db = forReading
        ? readDatabase(path, patience)
        : openDatabase(path, patience);
    } catch (error) {
      throw storeError("open", path, error);
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
      & Partial<Pick<RunRecord, "weights">>
      & {
        /** What computes it, as `TensorFlow 2.21.0`. */
        readonly engine?: string;
      },
  ): void {
    const old = this.get(run.id);
    if (old && old.numerics !== numericsVersion) this.remove(run.id);
    this.#write(
      `
      INSERT INTO runs (id, label, status, seed, config, teacher, weights,
        numerics, commit_id, environment, started)
      VALUES (?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET status = 'running', metrics = NULL,
        divergence = NULL, seconds = 0, wait_share = NULL,
        weights = excluded.weights, commit_id = excluded.commit_id,
        environment = excluded.environment
    `,
      [
        run.id,
        run.label,
        run.seed,
        JSON.stringify(run.config),
        run.teacher,
        JSON.stringify(run.weights ?? {}),
        numericsVersion,
        commitId(),
        environment(run.engine),
        new Date().toISOString(),
      ],
    );
  }

  /**
   * Forgets a run and removes its checkpoints and weights; whoever asks for it
   * holds its lock. First the files: what is cut short is removed again.
   */
  remove(id: string): void {
    rmSync(this.runFolder(id), { recursive: true, force: true });
    this.#write("DELETE FROM runs WHERE id = ?", [id]);
  }

  /** Stores the mean terms of one epoch, from 0. */
  addEpoch(id: string, epoch: number, terms: Record<string, number>): void {
    const epochs: RunRecord["epochs"][number][] = [...this.get(id)!.epochs];
    while (epochs.length < epoch) epochs.push(null);
    epochs[epoch] = terms;
    this.#write("UPDATE runs SET epochs = ? WHERE id = ?", [
      JSON.stringify(epochs),
      id,
    ]);
  }

  /** Stores how a run measured up after so many epochs. */
  addEvaluation(
    id: string,
    epoch: number,
    metrics: Record<string, number>,
  ): void {
    const others = this.get(id)!.evaluations
      .filter((evaluation) => evaluation.epoch !== epoch);
    const evaluations = [...others, { epoch, metrics }]
      .sort((a, b) => a.epoch - b.epoch);
    this.#write("UPDATE runs SET evaluations = ? WHERE id = ?", [
      JSON.stringify(evaluations),
      id,
    ]);
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
    this.#write(
      `
      UPDATE runs SET status = 'finished', metrics = ?, seconds = ?,
        wait_share = ? WHERE id = ?
    `,
      [JSON.stringify(metrics), seconds, waitShare, id],
    );
  }

  /** Stores that a run's training diverged, and where. */
  diverge(id: string, divergence: Divergence, seconds: number): void {
    this.#write(
      `
      UPDATE runs SET status = 'diverged', divergence = ?, seconds = ?
        WHERE id = ?
    `,
      [JSON.stringify(divergence), seconds, id],
    );
  }

  /** The run if it is finished with today's numerics. */
  finished(id: string): RunRecord | undefined {
    const run = this.ended(id);
    return run?.status === "finished" ? run : undefined;
  }

  /** The run if it is finished or has diverged, with today's numerics. */
  ended(id: string): RunRecord | undefined {
    const run = this.get(id);
    return run && run.status !== "running" && run.numerics === numericsVersion
      ? run
      : undefined;
  }

  /** The run, in whatever state. */
  get(id: string): RunRecord | undefined {
    const [row] = this.#read("SELECT * FROM runs WHERE id = ?", [id]);
    return row && recordOf(row);
  }

  /** All runs, oldest first. */
  all(): RunRecord[] {
    return this.#read("SELECT * FROM runs ORDER BY started, id").map(recordOf);
  }

  /**
   * Stores what a finished run came to when it was measured in another way; it
   * is forgotten with the run, and with its teacher's, and when one of them is
   * done again.
   *
   * @param measuring Which way, as canonical JSON.
   * @param teacher The run that it was compared with, if it was.
   */
  addMeasured(
    id: string,
    measuring: string,
    metrics: Readonly<Record<string, number>>,
    teacher?: string,
  ): void {
    // Not of a run that another process removes or does again meanwhile.
    this.#write(
      `
      INSERT OR REPLACE INTO measured (run, measuring, teacher, numerics, metrics)
      SELECT id, ?, ?, ?, ? FROM runs WHERE id = ? AND status = 'finished'
    `,
      [
        measuring,
        teacher ?? null,
        numericsVersion,
        JSON.stringify(metrics),
        id,
      ],
    );
  }

  /** What a run came to in another way, if it was found with today's numerics. */
  measured(id: string, measuring: string): Record<string, number> | undefined {
    const [row] = this.#read(
      "SELECT metrics FROM measured WHERE run = ? AND measuring = ? AND " +
        "numerics = ?",
      [id, measuring, numericsVersion],
    );
    return row && JSON.parse(row.metrics as string);
  }

  /** Stores what the reader of some data had to mend, in place of what it had. */
  setDataNotices(data: string, notices: readonly string[]): void {
    this.#write("INSERT OR REPLACE INTO data_notices VALUES (?, ?)", [
      data,
      JSON.stringify(notices),
    ]);
  }

  /** What the reader of some data had to mend, if it has been read for a run. */
  dataNotices(data: string): string[] | undefined {
    const [row] = this.#read(
      "SELECT notices FROM data_notices WHERE data = ?",
      [data],
    );
    return row && JSON.parse(row.notices as string);
  }

  close(): void {
    this.#db.close();
  }

  #read(sql: string, values: SQLInputValue[] = []): Row[] {
    try {
      return this.#db.prepare(sql).all(...values);
    } catch (error) {
      throw storeError("read", this.#path, error);
    }
  }

  /** One statement, which is done whole or not at all. */
  #write(sql: string, values: SQLInputValue[]): void {
    try {
      this.#db.prepare(sql).run(...values);
    } catch (error) {
      throw storeError("write to", this.#path, error);
    }
  }
}
