import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { Unavailable, type Work } from "./row.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
/** The peers' own Python, which install_peers.ts sets up. */
export const peerPython = `${folder}.venv/bin/python`;

/**
 * How long OpenMP's threads spin for each other before they sleep, about 0.1 ms:
 * longer than the way from one op to the next. Its own 300,000 turns make PyTorch
 * many times slower wherever another process wants a core for a moment.
 */
const SPIN_COUNT = "10000";

/** A peer in a Python process of its own; see peers/serve.py. */
export interface PythonPeer extends Work {
  /** Calls another method of the peer; what it answers is plain data. */
  call<T>(method: string, options?: Record<string, unknown>): Promise<T>;
  /** Of its process. */
  readonly pid: number;
}

/**
 * Starts a peer. Its method `once` does the work and returns the milliseconds
 * that it took by Python's clock; `threads`, the cores of this machine, is among
 * what its class `Peer` is made with.
 *
 * @param module A file of peers/, without its ending.
 * @param options What else its class `Peer` is made with, plain data.
 * @throws {Unavailable} If the peer, or a package that it needs, is not there.
 * @throws {Error} If the process fails; its own words are on stderr.
 */
export async function startPythonPeer(
  module: string,
  options: Record<string, unknown>,
): Promise<PythonPeer> {
  if (!await Deno.stat(peerPython).catch(() => null)) {
    throw new Unavailable("the peers could not be installed into bench/.venv");
  }
  const child = new Deno.Command(peerPython, {
    args: [`${folder}peers/serve.py`, module],
    env: { GOMP_SPINCOUNT: SPIN_COUNT },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const requests = child.stdin.getWriter();
  const answers = createInterface({
    // deno-lint-ignore no-explicit-any -- two names of one type
    input: Readable.fromWeb(child.stdout as any),
  })[Symbol.asyncIterator]();

  const call = async <T>(
    method: string,
    options: Record<string, unknown> = {},
  ): Promise<T> => {
    const line = JSON.stringify({ method, arguments: options }) + "\n";
    await requests.write(new TextEncoder().encode(line));
    const { value, done } = await answers.next();
    if (done) throw new Error(`the peer '${module}' ended during '${method}'`);
    const { result, error, absent } = JSON.parse(value);
    if (absent !== undefined) throw new Unavailable(absent);
    if (error !== undefined) {
      throw new Error(`the peer '${module}' failed in '${method}': ${error}`);
    }
    return result;
  };
  const close = async () => {
    await requests.close().catch(() => {}); // it may have ended by itself
    await child.status;
  };
  try {
    const threads = navigator.hardwareConcurrency;
    await call("open", { threads, ...options });
  } catch (error) {
    await close();
    throw error;
  }
  return { pid: child.pid, call, once: () => call<number>("once"), close };
}
