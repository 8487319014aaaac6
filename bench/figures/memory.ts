import { fileURLToPath } from "node:url";
import type { Figure, Measurement } from "../figure.ts";
import { startPythonPeer } from "../python_peer.ts";
import { publishedStep } from "../rows/distillation_step.ts";
import { openSharedStep } from "../steps/step_task.ts";
import { processMemory } from "./process_memory.ts";

/** The step whose memory is compared. */
export const MEMORY_TASK = { size: 320, batchSize: 2 } as const;
/** After so many steps a process has seen its peak. */
export const MEMORY_STEPS = 5;

/** Peak memory beside PyTorch's, each in a fresh process. */
export const memory: Figure = {
  id: "memory",
  what: "peak memory of the step at 320², ours / PyTorch's",
  measure,
};

/** MiB before the first step and after the last. */
type Peak = [before: number, after: number];

async function measure(): Promise<Measurement> {
  const script = new URL("step_process.ts", import.meta.url);
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", fileURLToPath(script)],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("the process with our steps failed");
  const ours: Peak = JSON.parse(new TextDecoder().decode(stdout));

  const folder = await Deno.makeTempDir({ prefix: "ldlab-bench-" });
  try {
    const { ours: step, forPeer } = await openSharedStep(
      publishedStep(MEMORY_TASK),
      folder,
    );
    await step.close();
    const theirs: Record<string, Peak> = {};
    for (const layout of ["contiguous", "channels_last"]) {
      const peer = await startPythonPeer("distillation_step", {
        ...forPeer,
        precision: "float32",
      });
      try {
        await peer.call("use", { layout });
        const before = await processMemory("VmHWM", peer.pid);
        for (let i = 0; i < MEMORY_STEPS; i++) await peer.call("step");
        theirs[layout] = [before, await processMemory("VmHWM", peer.pid)];
      } finally {
        await peer.close();
      }
    }
    const least = Math.min(...Object.values(theirs).map(([, after]) => after));
    const tell = ([before, after]: Peak) =>
      `${after.toFixed(0)} MiB (${before.toFixed(0)} before the first)`;
    return {
      value: ours[1] / least,
      unit: "",
      limit: 1.2,
      note: `most resident memory of a fresh process after ${MEMORY_STEPS} ` +
        `steps: ours ${tell(ours)}, PyTorch ` +
        Object.entries(theirs).map(([layout, peak]) =>
          `${tell(peak)} ${layout}`
        ).join(", "),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
