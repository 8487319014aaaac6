import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { canonicalJson, type Json } from "./canonical_json.ts";
import {
  type HostTensor,
  readSafetensors,
  safetensorsParts,
} from "./safetensors.ts";

/** Where a run stands: what is done, and the batch that comes next. */
export interface Position {
  /** Steps done. */
  readonly iteration: number;
  /** Epoch of the next batch, from 0. */
  readonly epoch: number;
  /** Place of the next batch in its epoch, from 0. */
  readonly index: number;
}

/** All that a run needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** Weights, running statistics and optimizer state, by name. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly position: Position;
  /** The run's seeds, by what they are for. */
  readonly seeds: Readonly<Record<string, number>>;
  /** What the run has taken so far, over all its sittings. */
  readonly seconds: number;
  /** The run's whole configuration; a run resumes only with an equal one. */
  readonly config: Json;
}

const FORMAT = "ldlab-checkpoint-2";
// The hash is the first thing in the header, after the header's length (8
// bytes), so that its place is known before anything is parsed.
const BEFORE_HASH = '{"__metadata__":{"sha256":"';
const HASH_AT = 8 + BEFORE_HASH.length;
const NO_HASH = "0".repeat(64);
const encoder = new TextEncoder();
/** Bytes that are hashed at once: a few milliseconds' worth. */
const PIECE = 2 ** 21;

/**
 * A checkpoint as a safetensors file that PyTorch reads too. Its metadata hold
 * the position, the seeds, the seconds, the configuration with its hash, and a
 * SHA-256 over every byte of the file, the hash's own digits taken as zeros.
 *
 * Neither this nor {@linkcode decodeCheckpoint} holds up the event loop for the
 * size of the checkpoint.
 *
 * @param checkpoint What to write.
 * @returns The file in parts, to be written one after another: its header, then
 * the memory of each tensor, which is not to be changed until it is written.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   decodeCheckpoint,
 *   encodeCheckpoint,
 * } from "ldlab/train/checkpoint_file.ts";
 *
 * const checkpoint = {
 *   tensors: new Map([
 *     ["w", { shape: [1], dtype: "float32", data: new Float32Array([2]) } as const],
 *   ]),
 *   position: { iteration: 7, epoch: 1, index: 3 },
 *   seeds: { data: 1 },
 *   seconds: 12.5,
 *   config: { learningRate: 0.01 },
 * };
 * const parts = await encodeCheckpoint(checkpoint);
 * const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
 * assert.deepEqual(await decodeCheckpoint(bytes, "memory"), checkpoint);
 *
 * bytes[bytes.length - 1] ^= 1;
 * await assert.rejects(decodeCheckpoint(bytes, "memory"), SyntaxError);
 * ```
 */
export async function encodeCheckpoint(
  checkpoint: Checkpoint,
): Promise<Uint8Array[]> {
  const config = canonicalJson(checkpoint.config);
  const parts = safetensorsParts(checkpoint.tensors, {
    sha256: NO_HASH,
    format: FORMAT,
    position: JSON.stringify(checkpoint.position),
    seeds: JSON.stringify(checkpoint.seeds),
    seconds: JSON.stringify(checkpoint.seconds),
    config,
    configSha256: await sha256([encoder.encode(config)]),
  });
  parts[0].set(encoder.encode(await sha256(parts)), HASH_AT);
  return parts;
}

/**
 * Whether bytes begin as {@linkcode encodeCheckpoint} writes them.
 *
 * @param bytes The bytes of a file.
 * @returns Whether {@linkcode decodeCheckpoint} may read them.
 */
export function isCheckpoint(bytes: Uint8Array): boolean {
  const start = new TextDecoder("latin1").decode(bytes.subarray(8, HASH_AT));
  return start === BEFORE_HASH;
}

/**
 * Reads what {@linkcode encodeCheckpoint} wrote, and only that: one changed or
 * missing byte anywhere is found by the hash.
 *
 * @param bytes The bytes of the file.
 * @param source Named in errors, for example the file's path.
 * @returns The checkpoint.
 * @throws {SyntaxError} If the bytes are not an unaltered checkpoint.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeCheckpoint } from "ldlab/train/checkpoint_file.ts";
 *
 * const text = new TextEncoder().encode("not a checkpoint");
 * await assert.rejects(decodeCheckpoint(text, "notes.txt"), /notes\.txt/);
 * ```
 */
export async function decodeCheckpoint(
  bytes: Uint8Array,
  source: string,
): Promise<Checkpoint> {
  const bad = (why: string) =>
    new SyntaxError(`Cannot read checkpoint ${source}: ${why}`);
  const text = (from: number, to: number) =>
    new TextDecoder("latin1").decode(bytes.subarray(from, to));
  if (!isCheckpoint(bytes)) {
    throw bad("it does not begin as a checkpoint does");
  }
  const hashEnd = HASH_AT + NO_HASH.length;
  const stored = text(HASH_AT, hashEnd);
  const actual = await sha256([
    bytes.subarray(0, HASH_AT),
    encoder.encode(NO_HASH),
    bytes.subarray(hashEnd),
  ]);
  if (stored !== actual) {
    throw bad(
      `its content has the hash ${actual.slice(0, 12)}…, it was written with ` +
        `${stored.slice(0, 12)}…: the file is truncated or altered`,
    );
  }
  const { tensors, metadata } = readSafetensors(bytes, source);
  if (metadata.format !== FORMAT) {
    throw bad(`it has the format ${metadata.format}, this reads ${FORMAT}`);
  }
  return {
    tensors,
    position: JSON.parse(metadata.position),
    seeds: JSON.parse(metadata.seeds),
    seconds: JSON.parse(metadata.seconds),
    config: JSON.parse(metadata.config),
  };
}

/** The hash of the parts joined; other work gets its turn in between. */
async function sha256(parts: readonly Uint8Array[]): Promise<string> {
  const hash = createHash("sha256");
  let inTurn = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += PIECE) {
      const piece = part.subarray(at, at + PIECE);
      hash.update(piece);
      inTurn += piece.length;
      if (inTurn < PIECE) continue;
      inTurn = 0;
      await setImmediate();
    }
  }
  return hash.digest("hex");
}
