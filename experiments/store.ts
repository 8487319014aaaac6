import { DatabaseSync } from "node:sqlite";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Raised whenever results may change: a finished run of an older version is
 * stale, and is run again.
 */
export const numericsVersion = 1;

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
  readonly numerics: number;
  readonly commit: string;
  readonly environment: string;
  readonly started: string;
  /** Seconds of training, over all the sittings it took. */
  readonly seconds: number;
  readonly metrics: Readonly<Record<string, number>> | null;
  /** Mean of every loss term, one entry an epoch; of a resumed epoch, its rest. */
  readonly epochs: readonly Readonly<Record<string, number>>[];
}

/**
 * The store of runs: one SQLite file, so that tables share teachers and
 * baselines and a notebook shows stored rows at once. Several processes may use
 * it at the same time.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const store = new RunStore(Deno.makeTempDirSync());
 * store.start({ id: "a1", label: "baseline", seed: 0, config: {}, teacher: null });
 * store.finish("a1", { ap: 0.4 });
 * assert.equal(store.finished("a1")?.metrics?.ap, 0.4);
 * store.close();
 * ```
 */
export class RunStore {
  readonly #db: DatabaseSync;
  readonly folder: string;

  /** @param folder Where `runs.sqlite` and the runs' folders are; created. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.folder = folder;
    this.#db = new DatabaseSync(join(folder, "runs.sqlite"));
    this.#db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA busy_timeout = 10000;
      CREATE TABLE IF NOT EXISTS runs (
        id TEXT PRIMARY KEY, label TEXT NOT NULL, status TEXT NOT NULL,
        seed INTEGER NOT NULL, config TEXT NOT NULL, teacher TEXT,
        numerics INTEGER NOT NULL, commit_id TEXT NOT NULL,
        environment TEXT NOT NULL, started TEXT NOT NULL,
        seconds REAL NOT NULL DEFAULT 0, metrics TEXT,
        epochs TEXT NOT NULL DEFAULT '[]'
      ) STRICT;
    `);
  }

  /** The folder of a run's checkpoints and weights. */
  runFolder(id: string): string {
    return join(this.folder, "runs", id);
  }

  /** Notes that a run begins, or goes on with the seconds it already took. */
  start(
    run: Pick<RunRecord, "id" | "label" | "seed" | "config" | "teacher">,
  ): void {
    const old = this.get(run.id);
    if (old && old.numerics !== numericsVersion) this.#remove(run.id);
    this.#db.prepare(`
      INSERT INTO runs (id, label, status, seed, config, teacher, numerics,
        commit_id, environment, started)
      VALUES (?, ?, 'running', ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET status = 'running', metrics = NULL,
        commit_id = excluded.commit_id, environment = excluded.environment
    `).run(
      run.id,
      run.label,
      run.seed,
      JSON.stringify(run.config),
      run.teacher,
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

  /** Adds the time of one sitting, whether or not the run was finished in it. */
  addSeconds(id: string, seconds: number): void {
    this.#db.prepare("UPDATE runs SET seconds = seconds + ? WHERE id = ?")
      .run(seconds, id);
  }

  /** Stores the mean terms of one epoch, from 0. */
  addEpoch(id: string, epoch: number, terms: Record<string, number>): void {
    this.#db.prepare(
      "UPDATE runs SET epochs = json_set(epochs, ?, json(?)) WHERE id = ?",
    )
      .run(`$[${epoch}]`, JSON.stringify(terms), id);
  }

  /** Stores the results of a run. */
  finish(id: string, metrics: Record<string, number>): void {
    this.#db.prepare(
      "UPDATE runs SET status = 'finished', metrics = ? WHERE id = ?",
    ).run(JSON.stringify(metrics), id);
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

function decode(row: Record<string, unknown>): RunRecord {
  const { commit_id, config, metrics, epochs, ...rest } = row;
  return {
    ...rest,
    commit: commit_id,
    config: JSON.parse(config as string),
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
