import type { Connection } from "./connection.ts";
import { ZmtpSocket } from "./zmtp_socket.ts";

/** A page that does not read its outputs keeps a cell no longer than this. */
const LIMIT_MS = 10_000;

/**
 * Waits until the kernel has sent all outputs that it was given so far.
 *
 * Use it in the kernel before a cell ends: the kernel sends outputs beside the
 * cell, in their order, and reports the cell as finished without waiting for
 * them; what comes after that report is lost. Here one more listener hears
 * when an output without content, given last, comes by. Pages show nothing of
 * it, as it updates a place that they do not have.
 *
 * @param connection The kernel's own.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { outputsSent } from "./outputs_sent.ts";
 *
 * const nowhere = { ip: "127.0.0.1", key: "", shell_port: 1, iopub_port: 1, control_port: 1 };
 * await assert.rejects(outputsSent(nowhere), Deno.errors.ConnectionRefused);
 * ```
 */
export async function outputsSent(
  { ip, iopub_port }: Connection,
): Promise<void> {
  const socket = await ZmtpSocket.connect(ip, iopub_port, "SUB");
  const id = crypto.randomUUID();
  const give = () =>
    Deno.jupyter.broadcast("update_display_data", {
      data: {},
      metadata: {},
      transient: { display_id: id },
    });
  let again: ReturnType<typeof setInterval> | undefined;
  let limit: ReturnType<typeof setTimeout> | undefined;
  try {
    await socket.send([new Uint8Array([1])]); // subscribes to everything
    give();
    // The kernel may have taken up the first before the subscription.
    again = setInterval(give, 20);
    await Promise.race([
      heard(socket, id),
      new Promise((resolve) => limit = setTimeout(resolve, LIMIT_MS)),
    ]);
  } finally {
    clearInterval(again);
    clearTimeout(limit);
    socket.close();
  }
}

async function heard(socket: ZmtpSocket, id: string): Promise<void> {
  const text = new TextDecoder();
  while (!text.decode((await socket.receive()).at(-1)).includes(id));
}
