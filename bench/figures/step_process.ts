/**
 * A few distillation steps in a process of their own: prints as JSON how much
 * memory was resident at most before the first and after the last, in MiB.
 *
 *     deno run -A bench/figures/step_process.ts
 */
import { publishedStep } from "../rows/distillation_step.ts";
import { freshStep } from "./fresh_step.ts";
import { MEMORY_STEPS, MEMORY_TASK } from "./memory.ts";
import { processMemory } from "./process_memory.ts";

const step = await freshStep(publishedStep(MEMORY_TASK));
const before = await processMemory("VmHWM");
for (let i = 0; i < MEMORY_STEPS; i++) await step.step();
console.log(JSON.stringify([before, await processMemory("VmHWM")]));
Deno.exit(0);
