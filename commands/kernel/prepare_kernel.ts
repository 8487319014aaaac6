import type { Connection } from "./connection.ts";
import { outputsSent } from "./outputs_sent.ts";

/** The part of the Deno kernel that ends each cell; it looks it up each time. */
interface CellEnd {
  broadcastResult(count: number, result: unknown): Promise<void>;
}

/**
 * Makes the kernel that runs this wait for a cell's outputs, listen to Stop in
 * a cell that computes without a pause, and work in the notebook's folder.
 *
 * Use it as the kernel's first evaluation.
 *
 * @param connection The kernel's own.
 * @param folder Where relative paths, and relative imports, are meant from.
 * @throws {Deno.errors.NotFound} If the folder is gone; the rest is done.
 */
export function prepareKernel(
  { connection, folder }: { connection: Connection; folder: string },
): void {
  const { internal } = Deno as unknown as { internal: symbol };
  const { jupyter } =
    (Deno as unknown as Record<symbol, { jupyter: CellEnd }>)[internal];
  const { broadcastResult } = jupyter;
  jupyter.broadcastResult = async (count, result) => {
    await broadcastResult(count, result);
    // Without it, the cell ends as it does in any Deno kernel.
    await outputsSent(connection).catch(() => {});
  };

  const interrupter = new Worker(
    new URL("interrupter.ts", import.meta.url),
    { type: "module" },
  );
  interrupter.onerror = (event) => event.preventDefault(); // the kernel lives on
  interrupter.onmessage = ({ data }: MessageEvent<string>) => {
    if (data === "Do you hear?") interrupter.postMessage("Yes");
    else collectGarbage();
  };
  interrupter.postMessage(connection);

  Deno.chdir(folder);
}

/**
 * Ends a cell that was broken off after it had awaited something: that is a
 * promise that nothing will settle, and it ends when the promise is collected.
 */
async function collectGarbage(): Promise<void> {
  // Here, as they would have every kernel start later.
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}
