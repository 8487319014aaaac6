import type { DatabaseSync, SQLInputValue, SQLOutputValue } from "node:sqlite";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Divergence, Json } from "../lib/train/mod.ts";
import { commitId, environment } from "./run_environment.ts";
import type { RunRecord } from "./run_record.ts";
import { openDatabase, readDatabase } from "./store_database.ts";
import { storeError } from "./store_error.ts";

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
    if (!forReading) makeFolder(folder);
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
    return row && decode(row);
  }

  /** All runs, oldest first. */
  all(): RunRecord[] {
    return this.#read("SELECT * FROM runs ORDER BY started, id").map(decode);
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

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Error(
      `Cannot store runs in ${folder}: ${(error as Error).message}. It must ` +
        `be a folder that can be written: move away what is in its place, ` +
        `or change its permissions`,
      { cause: error },
    );
  }
}

type Row = Record<string, SQLOutputValue>;

function decode(row: Row): RunRecord {
  const { commit_id, wait_share, divergence, ...rest } = row;
  const { config, weights, metrics, epochs, evaluations } = rest;
  return {
    ...rest,
    commit: commit_id,
    waitShare: wait_share,
    config: JSON.parse(config as string),
    weights: JSON.parse(weights as string),
    metrics: JSON.parse((metrics ?? "null") as string),
    epochs: JSON.parse(epochs as string),
    evaluations: JSON.parse(evaluations as string),
    divergence: divergence === null
      ? null
      : { ...JSON.parse(divergence as string), run: row.id },
  } as unknown as RunRecord;
}
