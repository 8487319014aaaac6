import type { Card } from "../../lib/engine/nvidia_driver.ts";

/** The parts of the self-test, in their order. */
export type PartName = "engine" | "devices" | "step" | "store" | "figure";

/** What a part of the self-test said. */
export interface PartAnswer {
  readonly part: PartName;
  readonly seconds: number;
  /** Why it failed. */
  readonly error?: string;
  /** Of the engine. */
  readonly backend?: string;
  readonly reason?: string;
  /** Where the engine computes: `cpu`, `gpu:0`. */
  readonly device?: string;
  /** Of the devices: the cards that NVIDIA's driver lists. */
  readonly cards?: readonly Card[];
  /** Of the step: before and after its update; null is what JSON makes of NaN. */
  readonly losses?: readonly [number | null, number | null];
}
