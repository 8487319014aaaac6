/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/**
 * A thread beside the notebook's, for cells that compute without a pause: those
 * cannot hear of Stop. Where the notebook's thread has not answered since one
 * press, the next, at least a second later, breaks the cell off.
 */
import type { Connection } from "./connection.ts";
import { signedMessage } from "./signed_message.ts";
import { ZmtpSocket } from "./zmtp_socket.ts";

/** Signals this close to the one before are the same press. */
const samePressMs = 1000;

/** When the notebook's thread was asked whether it hears, if it has not said so. */
let askedAt: number | undefined;

self.onmessage = ({ data: connection }: MessageEvent<Connection>) => {
  self.onmessage = () => askedAt = undefined;
  Deno.addSignalListener("SIGINT", () => {
    const now = performance.now();
    if (askedAt === undefined) {
      askedAt = now;
      self.postMessage("Do you hear?");
    } else if (now - askedAt >= samePressMs) {
      askedAt = now;
      breakOff(connection).catch(() => {}); // the next press tries again
    }
  });
};

async function breakOff({ ip, key, control_port }: Connection): Promise<void> {
  const socket = await ZmtpSocket.connect(ip, control_port, "DEALER");
  try {
    await socket.send(await signedMessage(key, "interrupt_request", {}));
    await socket.receive();
    self.postMessage("Broken off");
  } finally {
    socket.close();
  }
}
