import { projectFolder } from "../experiments/project.ts";
import type { Engine } from "../lib/engine/mod.ts";
import { describeCommit, describeMachine } from "./machine.ts";

/**
 * Leaves what a script of this folder found in `bench/results/cpu`, with its
 * command, the machine and the commit, and says where.
 *
 * @param name The script's, without its ending.
 * @param engine The one that was measured.
 * @param found What comes behind these in the file.
 * @param commit The one that ran; of now unless given.
 */
export async function writeRecord(
  name: string,
  engine: Engine,
  found: Readonly<Record<string, unknown>>,
  commit?: string,
): Promise<void> {
  const folder = `${projectFolder}/bench/results/cpu`;
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/${name}.json`;
  const record = {
    command: `deno run -A bench/${name}.ts`,
    machine: await describeMachine(engine),
    commit: commit ?? await describeCommit(),
    ...found,
  };
  await Deno.writeTextFile(path, JSON.stringify(record, null, 2) + "\n");
  console.log(`Written to ${path}`);
}
