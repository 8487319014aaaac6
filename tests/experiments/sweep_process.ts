import { RunStore } from "../../experiments/store.ts";
import { readSafetensors } from "ldlab/train/safetensors.ts";
import { runId } from "../../experiments/config.ts";
import { tensorHashes } from "../same_tensors.ts";
import { sweep } from "./tiny_sweep.ts";

/** A process that does the tiny sweep. */
export interface SweepProcess {
  /** Waits until it is ready to begin. */
  ready(): Promise<void>;
  /** Lets it begin. */
  go(): Promise<void>;
  /** Waits until it has told of so many steps, or has ended. */
  steps(count: number): Promise<void>;
  /** Ends it by SIGKILL; false where it has ended. */
  kill(): boolean;
  /** What it said by its end, and whether it ended well. */
  ended(): Promise<{ lines: string[]; success: boolean }>;
}

/**
 * Starts a process that will do the tiny sweep.
 *
 * @param folder Of its store.
 * @param blocks Of 512 bytes, which no file may be larger than.
 */
export function startSweep(folder: string, blocks?: number): SweepProcess {
  const script = new URL("tiny_sweep.ts", import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  // Without the trap the system would end the process, not fail its write.
  const limit = blocks === undefined
    ? ""
    : `trap '' XFSZ; ulimit -f ${blocks}; `;
  const child = new Deno.Command("/bin/sh", {
    args: [
      "-c",
      `${limit}exec "$@"`,
      "sh",
      Deno.execPath(),
      ...["run", "-A", "--no-check", `--config=${config}`, script, folder],
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const stdin = child.stdin.getWriter();
  let said = "";
  const read = async () => {
    const { done, value } = await reader.read();
    said += value ?? "";
    return !done;
  };
  return {
    ready: async () => {
      while (!said.includes("ready\n") && await read());
    },
    go: async () => {
      await stdin.write(new Uint8Array([10]));
      await stdin.close();
    },
    steps: async (count) => {
      while (said.split(/ \d+\n/).length <= count && await read());
    },
    kill: () => {
      try {
        child.kill("SIGKILL");
        return true;
      } catch {
        return false;
      }
    },
    ended: async () => {
      while (await read());
      const { success } = await child.status;
      await stdin.close().catch(() => {}); // where it was never let begin
      return { lines: said.split("\n").slice(0, -1), success };
    },
  };
}

/** Hashes of the weights of each run of the sweep that has some, by its label. */
export async function sweepWeights(
  folder: string,
): Promise<Map<string, ReadonlyMap<string, string>>> {
  const store = new RunStore(folder);
  const found = new Map<string, ReadonlyMap<string, string>>();
  for (const { label, config, seed } of sweep) {
    const id = await runId(config, seed);
    if (!store.finished(id)) continue;
    const path = `${store.runFolder(id)}/weights.safetensors`;
    const { tensors } = readSafetensors(await Deno.readFile(path));
    found.set(label, tensorHashes(tensors));
  }
  store.close();
  return found;
}
