import { fileURLToPath } from "node:url";
import { type PeerProcess, startPeerProcess } from "./peer_process.ts";
import { Unavailable } from "./row.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const own = `${folder}.venv/bin/python`;

/**
 * The peers' Python: the one that the environment variable `LDLAB_BENCH_PYTHON`
 * names, for machines that have PyTorch and no internet, else the one that
 * install_peers.ts sets up.
 */
export const peerPython = Deno.env.get("LDLAB_BENCH_PYTHON") || own;

/**
 * How long OpenMP's threads spin for each other before they sleep, about 0.1 ms:
 * longer than the way from one op to the next. Its own 300,000 turns make PyTorch
 * many times slower wherever another process wants a core for a moment.
 */
const SPIN_COUNT = "10000";

/**
 * Starts a peer in a Python process of its own; see peers/serve.py. Its method
 * `once` does the work and returns the milliseconds that it took by Python's
 * clock; `threads`, the cores of this machine, is among what its class `Peer` is
 * made with.
 *
 * @param module A file of peers/, without its ending.
 * @param options What else its class `Peer` is made with, plain data.
 * @throws {Unavailable} If the peer, or a package that it needs, is not there.
 * @throws {Error} If the process fails; its own words are on stderr.
 */
export async function startPythonPeer(
  module: string,
  options: Record<string, unknown>,
): Promise<PeerProcess> {
  if (peerPython === own && !await Deno.stat(own).catch(() => null)) {
    throw new Unavailable("the peers could not be installed into bench/.venv");
  }
  return startPeerProcess(module, {
    command: peerPython,
    args: [`${folder}peers/serve.py`, module],
    env: { GOMP_SPINCOUNT: SPIN_COUNT },
  }, { threads: navigator.hardwareConcurrency, ...options });
}
