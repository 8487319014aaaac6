import { type Finding, good, lacking } from "./finding.ts";
import type { System } from "./system.ts";

const DRIVER = "/proc/driver/nvidia";
const BUS = "/sys/bus/pci/devices";

/** As the bus has it: NVIDIA, and a display controller of some kind. */
const NVIDIA = /^0x10de$/;
const DISPLAY = /^0x03/;

/**
 * NVIDIA cards and their driver, whether the engine can use them or not: what the
 * driver lists, or else what is in the machine without one.
 */
export async function checkCards(system: System): Promise<Finding[]> {
  const subject = "NVIDIA cards";
  const cards: string[] = [];
  for (const card of await system.names(`${DRIVER}/gpus`)) {
    const text = await system.read(`${DRIVER}/gpus/${card}/information`);
    cards.push(/^Model:\s*(.*)$/m.exec(text)?.[1] ?? "unknown");
  }
  if (cards.length > 0) {
    const version = await system.read(`${DRIVER}/version`);
    const driver = /\s(\d+\.\d+(?:\.\d+)?)\s/.exec(version)?.[1] ?? "unknown";
    return [good(subject, `${cards.join(", ")}; driver ${driver}`)];
  }
  const count = await onTheBus(system);
  if (count === 0) return [good(subject, "none")];
  return [
    lacking(
      subject,
      `${count} without a driver, not used`,
      "install NVIDIA's driver, 525.60.13 or newer; in a container, give it " +
        "the cards (docker run --gpus all)",
    ),
  ];
}

async function onTheBus(system: System): Promise<number> {
  let count = 0;
  for (const device of await system.names(BUS)) {
    const vendor = await system.read(`${BUS}/${device}/vendor`);
    const kind = await system.read(`${BUS}/${device}/class`);
    if (NVIDIA.test(vendor.trim()) && DISPLAY.test(kind)) count++;
  }
  return count;
}
