import { runScalars } from "../../experiments/run_scalars.ts";
import type { RunRecord } from "../../experiments/store.ts";
import { eventFile } from "../../lib/report/mod.ts";
import { writeFileAtomically } from "../../lib/train/mod.ts";
import type { Command } from "../command.ts";
import { runCommand } from "../run_command.ts";
import type { Subcommand } from "../run_subcommand.ts";
import { FILTER_FLAGS, listedRuns, withStore } from "./stored_runs.ts";

const command = {
  name: "./ldlab runs tensorboard",
  about: "Writes the curves of runs as TensorBoard's event files.",
  positionals: {
    logdir: { about: "the folder that tensorboard --logdir is given" },
  },
  flags: FILTER_FLAGS,
  notes: "Each run gets a folder there. Writing again brings them up to date.",
} as const satisfies Command;

/** `./ldlab runs tensorboard` */
export const TENSORBOARD: Subcommand = {
  command,
  run: (args) =>
    runCommand(
      command,
      args,
      ({ logdir, folder, ...filter }) =>
        withStore(folder, async (store) => {
          const runs = await listedRuns(store, filter);
          for (const { record } of runs) await writeEvents(record, logdir);
          console.log(
            `${runs.length} ${runs.length === 1 ? "run is" : "runs are"} ` +
              "written. To look: " +
              `tensorboard --logdir ${logdir}`,
          );
        }),
    ),
};

async function writeEvents(record: RunRecord, logdir: string): Promise<void> {
  const { id, label, seed, started } = record;
  const name = label.replaceAll(/[^\p{L}\p{N}.=+-]+/gu, "_");
  const folder = `${logdir}/${name}_seed_${seed}_${id}`;
  const file = eventFile(runScalars(record), Date.parse(started) / 1000);
  try {
    await Deno.mkdir(folder, { recursive: true });
    await writeFileAtomically(`${folder}/events.out.tfevents.${id}`, [file]);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`Cannot write events to ${folder}: ${message}`, {
      cause: error,
    });
  }
}
