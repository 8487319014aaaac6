import { type Finding, good } from "./finding.ts";
import type { System } from "./system.ts";

const DRIVER = "/proc/driver/nvidia";

/**
 * NVIDIA cards and their driver, as the driver itself lists them, whether the
 * engine can use them or not.
 */
export async function checkCards(system: System): Promise<Finding[]> {
  const cards: string[] = [];
  for (const card of await system.names(`${DRIVER}/gpus`)) {
    const text = await system.read(`${DRIVER}/gpus/${card}/information`);
    cards.push(/^Model:\s*(.*)$/m.exec(text)?.[1] ?? "unknown");
  }
  if (cards.length === 0) return [good("NVIDIA cards", "none")];
  const version = await system.read(`${DRIVER}/version`);
  const driver = /\s(\d+\.\d+(?:\.\d+)?)\s/.exec(version)?.[1] ?? "unknown";
  return [good("NVIDIA cards", `${cards.join(", ")}; driver ${driver}`)];
}
