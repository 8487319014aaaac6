import type { Precision } from "./compile_options.ts";
import type { Card } from "./nvidia_driver.ts";

/** The lowest compute capability of cards that multiply bfloat16. */
const CARD_CAPABILITY = 8;

/** What is asked to learn whether bfloat16 is worth it. */
interface Machine {
  /** The card that TensorFlow works on; null for the processor. */
  readonly card: Card | null;
  /** Reads `/proc/cpuinfo`. */
  readonly readCpuinfo?: () => string;
  /** The process's environment. */
  readonly environment?: Pick<Deno.Env, "get">;
}

/**
 * Says what TensorFlow lacks here to compute in bfloat16. Without instructions
 * for it, or without oneDNN, which uses them, the results would be the same, and
 * take up to thirty times as long.
 *
 * @returns What is missing, as a clause; nothing if all is there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { missingForBfloat16 } from "ldlab/engine/bfloat16_support.ts";
 *
 * const environment = new Map<string, string>();
 * const missing = (flags: string) => missingForBfloat16({
 *   card: null, environment, readCpuinfo: () => `flags : fpu ${flags} sse`,
 * });
 * assert.equal(missing("avx512_bf16"), undefined);
 * assert.match(missing("avx512f")!, /neither avx512_bf16 nor amx_bf16/);
 * ```
 */
export function missingForBfloat16(
  {
    card,
    readCpuinfo = () => Deno.readTextFileSync("/proc/cpuinfo"),
    environment = Deno.env,
  }: Machine,
): string | undefined {
  if (card !== null) {
    const { name, capability } = card;
    if (capability[0] >= CARD_CAPABILITY) return undefined;
    return `the card (${name}) has no bfloat16: its compute capability is ` +
      `${capability.join(".")}, and ${CARD_CAPABILITY}.0 is needed`;
  }
  const oneDnn = environment.get("TF_ENABLE_ONEDNN_OPTS") ?? "";
  if (/^(0|false)$/i.test(oneDnn)) { // as TensorFlow reads it
    return `oneDNN is off (environment variable TF_ENABLE_ONEDNN_OPTS=${oneDnn})`;
  }
  let cpuinfo: string;
  try {
    cpuinfo = readCpuinfo();
  } catch (error) {
    return `what the processor has is not to be read: ${
      (error as Error).message
    }`;
  }
  if (/\b(avx512_bf16|amx_bf16)\b/.test(cpuinfo)) return undefined;
  return "the processor has neither avx512_bf16 nor amx_bf16 (/proc/cpuinfo)";
}

const warned = new Set<string>();

/** Warns on the console, of each thing once. */
export function warnOnce(message: string): void {
  if (!warned.has(message)) console.warn(message);
  warned.add(message);
}

/**
 * The precision to compute in: the one that was asked for, or float32 and a
 * notice where that is not to be had.
 *
 * @param asked What was asked for.
 * @param missing What bfloat16 lacks; nothing if it can be had.
 * @param onNotice Told what the user should know. Default: the console is, of
 * each thing once.
 */
export function availablePrecision(
  asked: Precision,
  missing: string | undefined,
  onNotice: (message: string) => void = warnOnce,
): Precision {
  if (asked === "float32" || missing === undefined) return asked;
  onNotice(`Computing in float32 in place of bfloat16: ${missing}`);
  return "float32";
}
