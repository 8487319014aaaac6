/**
 * Serialized `tensorflow.ConfigProto` messages, by field number: TensorFlow takes
 * its settings in this form.
 *
 * @see tensorflow/core/protobuf/config.proto, rewriter_config.proto
 */

const INTRA_OP_PARALLELISM_THREADS = 2;
const INTER_OP_PARALLELISM_THREADS = 5;
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

/**
 * A configuration that sets the number of threads, within an op and between ops.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { threadConfig } from "ldlab/engine/config_proto.ts";
 *
 * assert.deepEqual(
 *   [...threadConfig({ threads: 2, threadsPerOp: 1 })],
 *   [16, 1, 40, 2],
 * );
 * ```
 */
export function threadConfig(
  { threads, threadsPerOp }: ThreadCounts,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array([
    ...number(INTRA_OP_PARALLELISM_THREADS, threadsPerOp),
    ...number(INTER_OP_PARALLELISM_THREADS, threads),
  ]);
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

function message(field: number, content: number[]): number[] {
  return [...varint(field * 8 + 2), ...varint(content.length), ...content];
}
