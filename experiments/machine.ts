/** What a computer is, as far as its speed depends on it. */
export interface MachineFacts {
  readonly processor: string;
  /** Logical cores. */
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
}

/**
 * Describes this computer; what it does not tell is "unknown". It names neither
 * the computer nor its user.
 *
 * @param readCpuinfo Reads `/proc/cpuinfo`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { machineFacts } from "./machine.ts";
 * const { processor } = machineFacts(() => "model name\t: Z80\n");
 * assert.equal(processor, "Z80");
 * ```
 */
export function machineFacts(
  readCpuinfo = () => Deno.readTextFileSync("/proc/cpuinfo"),
): MachineFacts {
  const { os, arch } = Deno.build;
  return {
    processor: processorOf(readCpuinfo),
    cores: navigator.hardwareConcurrency,
    memoryGiB: Math.round(Deno.systemMemoryInfo().total / 2 ** 30),
    system: `${os} ${arch}`,
  };
}

function processorOf(readCpuinfo: () => string): string {
  try {
    return /^model name\s*: (.*)$/m.exec(readCpuinfo())?.[1] ?? "unknown";
  } catch {
    return "unknown"; // another system
  }
}
