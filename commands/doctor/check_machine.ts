import { broken, type Finding, good, lacking } from "./finding.ts";
import type { System } from "./system.ts";

/** Instructions that decide how fast convolutions are, and in which precision. */
const TELLING = ["avx2", "avx512f", "avx512_bf16", "amx_bf16"];

/** Training at the small scale, and a browser for its figures. */
const ENOUGH_MEMORY = 2 * 2 ** 30;

/** The operating system, the C library and the processor. */
export async function checkMachine(system: System): Promise<Finding[]> {
  const libc = system.libc();
  const cpu = await optional(system, "/proc/cpuinfo");
  const model = /^model name\s*: (.*)$/m.exec(cpu)?.[1] ?? "unknown";
  const flags = /^flags\s*: (.*)$/m.exec(cpu)?.[1].split(" ");
  const release = await optional(system, "/etc/os-release");
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? "unknown";
  // A job is often given fewer than the machine has.
  const all = cpu.match(/^processor\s*:/gm)?.length ?? system.cores;
  const cores = all > system.cores
    ? `${system.cores} of ${all} cores may be used`
    : `${system.cores} cores`;
  const has = TELLING.map((flag) =>
    `${spelt(flag)} ${flags?.includes(flag) ? "yes" : "no"}`
  ).join(", ");
  return [
    good("System", `${name}, ${system.kernel}`),
    libc === null
      ? lacking(
        "C library",
        "not glibc",
        "TensorFlow needs glibc 2.27 or newer: use another system",
      )
      : good("C library", `glibc ${libc}`),
    good("Processor", `${model}, ${cores}`),
    flags !== undefined && !flags.includes("avx")
      ? broken(
        "Instructions",
        "no AVX",
        "TensorFlow's package needs AVX: use another machine, or name a " +
          "TensorFlow built for this one in LDLAB_TENSORFLOW",
      )
      : good("Instructions", flags === undefined ? "unknown" : has),
  ];
}

/** What memory is left, within what the container or job is allowed. */
export async function checkMemory(system: System): Promise<Finding[]> {
  let { available, total } = system.memory();
  for (const group of await controlGroups(system)) {
    const limit = Number(await optional(system, `${group}/memory.max`) || NaN);
    if (!(limit < total)) continue;
    const used = Number(await optional(system, `${group}/memory.current`));
    // Files that were read are kept until memory is needed.
    const stat = await optional(system, `${group}/memory.stat`);
    const kept = Number(/^inactive_file (\d+)$/m.exec(stat)?.[1] ?? 0);
    available = Math.min(available, limit - used + kept);
    total = limit;
  }
  const value = `${gibibytes(available)} available of ${gibibytes(total)}`;
  return [
    available >= ENOUGH_MEMORY ? good("Memory", value) : lacking(
      "Memory",
      value,
      `close other programs, or ask for more; the small scale wants ${
        gibibytes(ENOUGH_MEMORY)
      }`,
    ),
  ];
}

/** The groups of processes that this one is limited with, the smallest first. */
async function controlGroups(system: System): Promise<string[]> {
  const text = await optional(system, "/proc/self/cgroup");
  const names = /^0::(.*)$/m.exec(text)?.[1].split("/").filter(Boolean) ?? [];
  const paths = names.map((_, at) => names.slice(0, at + 1).join("/"));
  return ["", ...paths].reverse()
    .map((path) => `/sys/fs/cgroup/${path}`.replace(/\/$/, ""));
}

async function optional(system: System, path: string): Promise<string> {
  try {
    return await system.read(path);
  } catch {
    return ""; // not on this kind of machine
  }
}

function spelt(flag: string): string {
  return flag.toUpperCase().replace("_", "-");
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
