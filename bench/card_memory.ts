/**
 * The memory that a process holds on its card, which for ldlab is the most that it
 * ever held: TensorFlow gives nothing back.
 *
 * @param pid Of the process.
 * @param ask Runs `nvidia-smi` with these arguments; its output.
 * @returns As `12.3 GiB`; `unknown` where NVIDIA's tool does not tell.
 */
export async function cardMemory(
  pid: number,
  ask: (args: string[]) => Promise<string> = nvidiaSmi,
): Promise<string> {
  let lines: string[];
  try {
    lines = (await ask([
      "--query-compute-apps=pid,used_memory",
      "--format=csv,noheader,nounits",
    ])).trim().split("\n");
  } catch {
    return "unknown"; // there is no such tool
  }
  const own = lines.map((line) => line.split(",").map(Number))
    .find(([of]) => of === pid);
  const mebibytes = own?.[1] ?? NaN; // in containers it knows other numbers
  return Number.isFinite(mebibytes)
    ? gibibytes(mebibytes * 2 ** 20)
    : "unknown";
}

/** An amount of memory in words. */
export function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

async function nvidiaSmi(args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command("nvidia-smi", { args }).output();
  return new TextDecoder().decode(stdout);
}
