import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { Unavailable, type Work } from "./row.ts";

/** A side of a row in a process of its own, which answers lines of JSON. */
export interface PeerProcess extends Work {
  /** Calls another method of the peer; what it answers is plain data. */
  call<T>(method: string, options?: Record<string, unknown>): Promise<T>;
  /** Of its process. */
  readonly pid: number;
}

/**
 * Starts a process that answers as peers/serve.py does. Its method `open` is
 * called at once; `once` does the work and returns the milliseconds that it took
 * by the process's own clock.
 *
 * @param name Of the peer, for errors.
 * @param command What to start.
 * @param options What `open` is called with, plain data.
 * @throws {Unavailable} If the peer, or a package that it needs, is not there.
 * @throws {Error} If the process fails; its own words are on stderr.
 */
export async function startPeerProcess(
  name: string,
  { command, args, env = {} }: {
    command: string;
    args: string[];
    env?: Record<string, string>;
  },
  options: Record<string, unknown>,
): Promise<PeerProcess> {
  const child = new Deno.Command(command, {
    args,
    env,
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
    if (done) throw new Error(`the peer '${name}' ended during '${method}'`);
    const { result, error, absent } = JSON.parse(value);
    if (absent !== undefined) throw new Unavailable(absent);
    if (error !== undefined) {
      throw new Error(`the peer '${name}' failed in '${method}': ${error}`);
    }
    return result;
  };
  const close = async () => {
    await requests.close().catch(() => {}); // it may have ended by itself
    await child.status;
  };
  try {
    await call("open", options);
  } catch (error) {
    await close();
    throw error;
  }
  return { pid: child.pid, call, once: () => call<number>("once"), close };
}
