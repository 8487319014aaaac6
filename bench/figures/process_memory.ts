/**
 * Memory of a process, as Linux counts it.
 *
 * @param field `VmHWM` is the most that was ever resident, `VmRSS` what is now.
 * @param pid Of the process; this one unless given.
 * @returns MiB.
 */
export async function processMemory(
  field: "VmHWM" | "VmRSS",
  pid: number = Deno.pid,
): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const kib = new RegExp(`^${field}:\\s*(\\d+) kB$`, "m").exec(status)?.[1];
  return Number(kib) / 1024;
}
