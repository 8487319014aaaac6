/**
 * Has a kernel that is being started prepare itself, before any cell runs:
 * `deno run -A first_evaluation.ts CONNECTION-FILE FOLDER`, as a child of the
 * kernel. A kernel's evaluations go in the order in which they were asked for,
 * and Jupyter asks only after it has got an answer about the kernel.
 */
import type { Connection } from "./connection.ts";
import { signedMessage } from "./signed_message.ts";
import { ZmtpSocket } from "./zmtp_socket.ts";

const [file, folder] = Deno.args;
const connection: Connection = JSON.parse(await Deno.readTextFile(file));
const socket = await connect(connection);
const module = JSON.stringify(
  new URL("prepare_kernel.ts", import.meta.url).href,
);
const options = JSON.stringify({ connection, folder });
await socket.send(
  await signedMessage(connection.key, "execute_request", {
    code: `(await import(${module})).prepareKernel(${options})`,
    silent: true,
    store_history: false,
    allow_stdin: false,
  }),
);
const reply = JSON.parse(
  new TextDecoder().decode((await socket.receive()).at(-1)),
);
if (reply.status !== "ok") {
  console.error(`ldlab: the kernel is not prepared: ${reply.evalue}`);
}
socket.close();

/** Connects as soon as the kernel listens. */
async function connect(
  { ip, shell_port }: Connection,
): Promise<ZmtpSocket> {
  const kernel = Deno.ppid;
  while (Deno.ppid === kernel) {
    try {
      return await ZmtpSocket.connect(ip, shell_port, "DEALER");
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  Deno.exit(1); // the kernel ended first
}
