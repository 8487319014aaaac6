import { runFiles } from "../../experiments/run_files.ts";
import { lockRun } from "../../experiments/run_lock.ts";
import type { RunRecord, RunStore } from "../../experiments/store.ts";
import type { Command } from "../command.ts";
import { FOLDER_FLAG } from "../config_flags.ts";
import { runCommand } from "../run_command.ts";
import type { Subcommand } from "../run_subcommand.ts";
import { UsageError } from "../usage_error.ts";
import { findRun, ID } from "./find_run.ts";
import { withStore } from "./stored_runs.ts";

const command = {
  name: "./ldlab runs remove",
  about: "Removes runs with their weights and checkpoints.",
  positionals: { id: { ...ID, many: true } },
  flags: {
    yes: { kind: "switch", about: "do not ask first" },
    force: {
      kind: "switch",
      about: "also a teacher whose finished students stay; what they came to " +
        "stays too, but no one learns from it without running it again",
    },
    folder: FOLDER_FLAG,
  },
} as const satisfies Command;

/** `./ldlab runs remove` */
export const REMOVE: Subcommand = {
  command,
  run: (args) =>
    runCommand(command, args, ({ id, yes, force, folder }) => {
      const body = (store: RunStore) => remove(store, id, { yes, force });
      return withStore(folder, body, { forReading: false });
    }),
};

async function remove(
  store: RunStore,
  typed: readonly string[],
  { yes, force }: { yes: boolean; force: boolean },
): Promise<void> {
  const runs = [
    ...new Map(
      typed.map((id) => findRun(store, id)).map((run) => [run.id, run]),
    ).values(),
  ];
  if (!force) refuseTeachers(runs, store.all());
  const sizes = new Map<string, number>();
  for (const { id } of runs) {
    sizes.set(id, (await runFiles(store.runFolder(id))).bytes);
  }
  const line = ({ id, label, seed }: RunRecord) =>
    `${id}  ${label}, seed ${seed}  ${megabytes(sizes.get(id)!)}`;
  if (!yes) {
    if (!Deno.stdin.isTerminal()) {
      throw new UsageError(
        "Cannot ask whether to remove runs, as this is no terminal. Add --yes",
      );
    }
    console.log(runs.map(line).join("\n"));
    if (!confirm(`Remove ${counted(runs.length)}?`)) return;
  }
  for (const run of runs) {
    using lock = await lockRun(store.lockFile(run.id), {
      signal: AbortSignal.abort(), // without waiting
    });
    if (lock === null) {
      throw new Error(
        `Cannot remove run ${run.id}: a process is at it. Stop that first`,
      );
    }
    store.remove(run.id);
    console.log(`removed ${line(run)}`);
  }
  const freed = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  console.log(`${counted(runs.length)} removed, ${megabytes(freed)} freed`);
}

/** A finished student's teacher stays: what it came to rests on it. */
function refuseTeachers(
  runs: readonly RunRecord[],
  all: readonly RunRecord[],
): void {
  const ids = new Set(runs.map(({ id }) => id));
  for (const { id, label } of runs) {
    const students = all.filter(({ teacher, status, id: student }) =>
      teacher === id && status === "finished" && !ids.has(student)
    );
    if (students.length === 0) continue;
    throw new Error(
      `Cannot remove run ${id} (${label}): it is the teacher of ` +
        `${
          students.map((run) => `${run.id} (${run.label}, seed ${run.seed})`)
            .join(", ")
        }. Remove these too, or add --force`,
    );
  }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

const counted = (runs: number) => `${runs} ${runs === 1 ? "run" : "runs"}`;
