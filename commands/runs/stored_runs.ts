import { isLocked } from "../../experiments/run_lock.ts";
import {
  numericsVersion,
  type RunRecord,
  RunStore,
} from "../../experiments/store.ts";
import type { Arguments, Flag } from "../command.ts";
import { FOLDER_FLAG } from "../config_flags.ts";

/** A stored run as it is now. */
export interface ListedRun {
  readonly record: RunRecord;
  /** As stored, but that a run that nobody is at is `stopped`. */
  readonly state: "finished" | "diverged" | "running" | "stopped";
  /** Whether it is of an older version, whose results differ. */
  readonly isStale: boolean;
}

/** Which of the stored runs. */
export const FILTER_FLAGS = {
  label: {
    kind: "text",
    value: "TEXT",
    about: "only runs that have it in their label",
  },
  status: {
    kind: "choice",
    choices: ["finished", "diverged", "running", "stopped"],
    about: "only such runs; stopped ones go on when asked for",
  },
  stale: {
    kind: "switch",
    about: "only runs of an older version, whose results differ",
  },
  folder: FOLDER_FLAG,
} as const satisfies Record<string, Flag>;

type Filter = Omit<
  Arguments<
    { name: string; about: string; flags: typeof FILTER_FLAGS }
  >,
  "folder"
>;

/**
 * Does something with a store that need not be writable.
 *
 * @throws {Error} If there is no store in the folder, or it cannot be read.
 */
export async function withStore<T>(
  folder: string,
  body: (store: RunStore) => Promise<T> | T,
  { forReading = true } = {},
): Promise<T> {
  const store = new RunStore(folder, { forReading });
  try {
    return await body(store);
  } finally {
    store.close();
  }
}

/** Looks how a stored run is now. */
export async function listedRun(
  record: RunRecord,
  store: RunStore,
): Promise<ListedRun> {
  const isStopped = record.status === "running" &&
    !await isLocked(store.lockFile(record.id));
  return {
    record,
    state: isStopped ? "stopped" : record.status,
    isStale: record.numerics !== numericsVersion,
  };
}

/** The stored runs that were asked for, oldest first. */
export async function listedRuns(
  store: RunStore,
  { label, status, stale }: Filter,
): Promise<ListedRun[]> {
  const runs = await Promise.all(
    store.all().map((record) => listedRun(record, store)),
  );
  return runs.filter(({ record, state, isStale }) =>
    (label === null || record.label.includes(label)) &&
    (status === null || state === status) && (!stale || isStale)
  );
}
