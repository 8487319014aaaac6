/**
 * Serialized `tensorflow.ConfigProto` messages, by field number: TensorFlow takes
 * its settings in this form.
 *
 * @see tensorflow/core/protobuf/config.proto, rewriter_config.proto
 */

const DEVICE_COUNT = 1;
const INTRA_OP_PARALLELISM_THREADS = 2;
const INTER_OP_PARALLELISM_THREADS = 5;
const GPU_OPTIONS = 6;
const MEMORY_FRACTION = 1; // in GPUOptions
const ALLOW_GROWTH = 4; // in GPUOptions
const VISIBLE_DEVICES = 5; // in GPUOptions
const ALLOW_SOFT_PLACEMENT = 7;
const GRAPH_OPTIONS = 10;
const REWRITE_OPTIONS = 10; // in GraphOptions
const DISABLE_META_OPTIMIZER = 19; // in RewriterConfig
const MEMORY_OPTIMIZATION = 4; // in RewriterConfig
const NO_MEMORY_OPTIMIZATION = 1;

/** How many threads work, at least 1 each. */
export interface ThreadCounts {
  /** On ops at once. */
  readonly threads: number;
  /** On one op. */
  readonly threadsPerOp: number;
}

/** The card to use. */
export interface CardSettings {
  /** Its number, from 0. */
  readonly index: number;
  /** How much of its memory may be used, in (0, 1]; default: what is free. */
  readonly memoryFraction?: number;
}

/**
 * A configuration of TensorFlow's runtime: the number of threads, within an op
 * and between ops, and the card, if one is to be used. Of the card's memory it
 * takes more as it needs more; ops that only the processor has run there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { contextConfig } from "ldlab/engine/config_proto.ts";
 *
 * const threads = { threads: 2, threadsPerOp: 1 };
 * // intra_op_parallelism_threads: 1 inter_op_parallelism_threads: 2
 * // device_count { key: "GPU" value: 0 }
 * assert.deepEqual(
 *   [...contextConfig(threads, null)],
 *   [16, 1, 40, 2, 10, 7, 10, 3, 71, 80, 85, 16, 0],
 * );
 * // … gpu_options { allow_growth: true visible_device_list: "1" }
 * // allow_soft_placement: true
 * assert.deepEqual(
 *   [...contextConfig(threads, { index: 1 })],
 *   [16, 1, 40, 2, 50, 5, 32, 1, 42, 1, 49, 56, 1],
 * );
 * ```
 */
export function contextConfig(
  { threads, threadsPerOp }: ThreadCounts,
  card: CardSettings | null,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array([
    ...number(INTRA_OP_PARALLELISM_THREADS, threadsPerOp),
    ...number(INTER_OP_PARALLELISM_THREADS, threads),
    ...(card === null ? noCard() : oneCard(card)),
  ]);
}

function noCard(): number[] {
  return message(DEVICE_COUNT, [...text(1, "GPU"), ...number(2, 0)]);
}

function oneCard({ index, memoryFraction }: CardSettings): number[] {
  const fraction = memoryFraction === undefined
    ? []
    : double(MEMORY_FRACTION, memoryFraction);
  return [
    ...message(GPU_OPTIONS, [
      ...fraction,
      ...number(ALLOW_GROWTH, 1),
      ...text(VISIBLE_DEVICES, String(index)),
    ]),
    ...number(ALLOW_SOFT_PLACEMENT, 1),
  ];
}

/**
 * A configuration under which a function's graph runs as it was recorded.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { unoptimizedConfig } from "ldlab/engine/config_proto.ts";
 *
 * // graph_options { rewrite_options { disable_meta_optimizer: true } }
 * assert.deepEqual([...unoptimizedConfig()], [82, 5, 82, 3, 152, 1, 1]);
 * ```
 */
export function unoptimizedConfig(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    message(
      GRAPH_OPTIONS,
      message(REWRITE_OPTIONS, number(DISABLE_META_OPTIMIZER, 1)),
    ),
  );
}

/**
 * A configuration under which TensorFlow's graph optimizer, Grappler, rewrites a
 * function before it first runs. An empty one would leave it off. Its memory
 * optimizer stays off: it takes sums of several tensors apart, which is slower.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { optimizedConfig } from "ldlab/engine/config_proto.ts";
 *
 * // graph_options { rewrite_options { memory_optimization: NO_MEM_OPT } }
 * assert.deepEqual([...optimizedConfig()], [82, 4, 82, 2, 32, 1]);
 * ```
 */
export function optimizedConfig(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    message(
      GRAPH_OPTIONS,
      message(
        REWRITE_OPTIONS,
        number(MEMORY_OPTIMIZATION, NO_MEMORY_OPTIMIZATION),
      ),
    ),
  );
}

function varint(value: number): number[] {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) {
    bytes.push((value % 128) + 128);
  }
  return [...bytes, value];
}

function number(field: number, value: number): number[] {
  return [...varint(field * 8), ...varint(value)];
}

function text(field: number, value: string): number[] {
  return message(field, [...new TextEncoder().encode(value)]);
}

function double(field: number, value: number): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return [...varint(field * 8 + 1), ...bytes];
}

function message(field: number, content: number[]): number[] {
  return [...varint(field * 8 + 2), ...varint(content.length), ...content];
}
