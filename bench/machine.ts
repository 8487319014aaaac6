import { release } from "node:os";
import { bundleStamp } from "../experiments/bundle_stamp.ts";
import { machineFacts } from "../experiments/machine.ts";
import type { Engine } from "../lib/engine/mod.ts";
import { peerPython } from "./python_peer.ts";

/** Where a benchmark ran, and with what. */
export interface Machine {
  readonly processor: string;
  /** The card that is measured, if one is. */
  readonly card?: string;
  /** Logical cores; both sides use them all. */
  readonly cores: number;
  readonly memoryGiB: number;
  /** Instructions that decide the speed of matrix products. */
  readonly instructions: readonly string[];
  readonly system: string;
  readonly deno: string;
  readonly tensorflow: string;
  /** Versions of the peers' packages by name. */
  readonly peers: Readonly<Record<string, string>>;
}

const TELLING = /^(avx2|avx512f|avx512_bf16|avx512_vnni|amx_bf16|amx_tile)$/;
const PEERS = ["torch", "torchvision", "pycocotools", "numpy"];

/**
 * Describes this machine; what it does not tell is "unknown".
 *
 * @param engine The one that is measured.
 */
export async function describeMachine(
  engine: Pick<Engine, "version" | "card">,
): Promise<Machine> {
  const cpu = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const flags = /^flags\s*: (.*)$/m.exec(cpu)?.[1] ?? "";
  const { processor, cores, memoryGiB } = machineFacts(() => cpu);
  return {
    card: engine.card,
    processor,
    cores,
    memoryGiB,
    instructions: flags.split(" ").filter((flag) => TELLING.test(flag)),
    system: `${Deno.build.os} ${release()} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    tensorflow: engine.version,
    peers: await peerVersions(),
  };
}

async function peerVersions(): Promise<Record<string, string>> {
  // Of a Python that LDLAB_BENCH_PYTHON names, some may be missing.
  const script = "import importlib.metadata as m, json, sys; " +
    "there = {d.metadata['Name']: d.version for d in m.distributions()}; " +
    "print(json.dumps({n: there[n] for n in sys.argv[1:] if n in there}))";
  try {
    const { stdout } = await new Deno.Command(peerPython, {
      args: ["-c", script, ...PEERS],
    }).output();
    return JSON.parse(new TextDecoder().decode(stdout));
  } catch {
    return {}; // the peers are not installed; every row of theirs says so
  }
}

/**
 * The commit that is measured, marked where its code was changed since; a bundle's
 * is the one that it was made of.
 *
 * @param bundle What a bundle says of itself; null elsewhere.
 */
export async function describeCommit(bundle = bundleStamp()): Promise<string> {
  if (bundle !== null) return bundle.commit;
  const git = async (...args: string[]) => {
    const { success, stdout } = await new Deno.Command("git", {
      args,
      cwd: import.meta.dirname,
    }).output();
    if (!success) throw new Error(`git ${args.join(" ")} failed`);
    return new TextDecoder().decode(stdout).trim();
  };
  try {
    const commit = await git("rev-parse", "--short=9", "HEAD");
    const changed = await git(
      ...["status", "--porcelain", "--", "../lib", "../experiments", "."],
      ":(exclude)results",
    );
    return changed === "" ? commit : `${commit}-changed`;
  } catch {
    return "unknown";
  }
}
