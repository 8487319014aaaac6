/**
 * `./ldlab doctor`: what this machine and this ldlab are, what is missing, and a
 * self-test, on one page for a bug report.
 */
import { examine, isBroken } from "./doctor/examine.ts";
import { doctorPage } from "./doctor/page.ts";
import { thisSystem } from "./doctor/system.ts";
import type { Command } from "./command.ts";
import { notice } from "./notice.ts";
import { runCommand } from "./run_command.ts";

const DOCTOR = {
  name: "./ldlab doctor",
  about:
    "Says what this machine and this ldlab are, what is missing and what to " +
    "do about it, and tries out the engine, a training step, the store and a " +
    "figure: one page, without names and secrets, for a bug report.",
  notes: "Exit status 0 if training works here as it should, else 1.",
} as const satisfies Command;

Deno.exit(
  await runCommand(DOCTOR, Deno.args, async () => {
    notice("Looking, about 5 seconds ...");
    const system = thisSystem();
    const sections = await examine(system);
    console.log(doctorPage(sections, system.environment));
    return isBroken(sections) ? 1 : 0;
  }),
);
