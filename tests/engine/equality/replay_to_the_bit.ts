/**
 * Compares every case eager and replayed, bit by bit, and prints for each what
 * differs, as JSON. A process of its own: TensorFlow must be loaded with
 * TF_ENABLE_ONEDNN_OPTS=0, as oneDNN computes single ops with kernels that it
 * does not use in functions.
 */
import { openEngine } from "ldlab/engine/mod.ts";
import { equalityCases } from "./cases.ts";
import { replayBesideEager } from "./replay_beside_eager.ts";

const CALLS = 3;

await openEngine({ backend: "tensorflow", threads: 1, optimize: false });
const differences: Record<string, string[]> = {};
for (const [name, prepare] of Object.entries(equalityCases)) {
  const found: string[] = [];
  try {
    const options = { calls: CALLS, sameState: false };
    for await (const pairs of replayBesideEager(prepare, options)) {
      for (const [what, { eager, replayed }] of pairs) {
        const [x, y] = [eager, replayed].map(bits);
        const different = x.filter((word, i) => word !== y[i]).length;
        if (different > 0) {
          found.push(`${what}: ${different} of ${x.length} differ`);
        }
      }
    }
  } catch (error) {
    found.push(String((error as Error).stack));
  }
  differences[name] = found;
}
console.log(JSON.stringify(differences));

function bits({ buffer, byteOffset, length }: Float32Array | Int32Array) {
  return new Int32Array(buffer, byteOffset, length);
}
