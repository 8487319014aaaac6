/**
 * The processes of runs that a process has started and that are alive.
 *
 * @param parent Its id.
 * @returns Their ids, above 1.
 */
export function jobProcesses(parent: number): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name))
    .filter((pid) => pid > 1 && isOf(parent, pid));
}

function isOf(parent: number, pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const [state, above] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(above) === parent && state !== "Z" &&
      Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("job_worker.ts");
  } catch {
    return false; // is gone
  }
}
