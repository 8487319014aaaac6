import { writeWeightsFile } from "./write_weights_file.ts";
import { safetensorsParts } from "./safetensors.ts";
import { writeTorchStateDict } from "./torch_state_dict.ts";
import { PUBLISHED, readWeightsFile } from "./weights_file.ts";

/**
 * Writes weights in the other format: PyTorch's `.pth`, which
 * `torch.load(path, weights_only=True)` reads, or safetensors. Names and values
 * stay.
 *
 * Use it to hand weights to PyTorch or MMDetection, or to keep a `.pth` as a file
 * that holds nothing but numbers.
 *
 * @param from Any file that {@linkcode readWeightsFile} reads; what that leaves
 * out is not written.
 * @param to A `.pth`, `.pt` or `.safetensors` file; replaced if it is there. A
 * safetensors file keeps the names of classes and the detector's configuration,
 * where `from` says them; a `.pth` is a plain state dict.
 * @returns How many tensors were written, and the names that were left out.
 * @throws {RangeError} If `to` ends otherwise, or there would be 4 GiB.
 * @throws {Error} What {@linkcode readWeightsFile} throws; or if the file cannot be
 * written.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { convertWeights } from "ldlab/train/convert_weights.ts";
 * import { writeSafetensors } from "ldlab/train/safetensors.ts";
 * import { readWeightsFile } from "ldlab/train/weights_file.ts";
 *
 * const folder = await Deno.makeTempDir();
 * const [from, to] = [`${folder}/a.safetensors`, `${folder}/a.pth`];
 * const w = { shape: [1], dtype: "float32", data: new Float32Array([2]) } as const;
 * await Deno.writeFile(from, writeSafetensors(new Map([["fc.bias", w]])));
 * assert.equal((await convertWeights(from, to)).written, 1);
 * assert.deepEqual((await readWeightsFile(to)).tensors.get("fc.bias"), w);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function convertWeights(
  from: string,
  to: string,
): Promise<{ readonly written: number; readonly leftOut: readonly string[] }> {
  const ending = /\.(pth|pt|safetensors)$/.exec(to)?.[1];
  if (ending === undefined) {
    throw new RangeError(
      `Cannot convert ${from}: the new file must end in .pth, .pt or ` +
        `.safetensors: current one is '${to}'`,
    );
  }
  const { tensors, leftOut, detector, classes } = await readWeightsFile(from);
  const known = detector !== undefined || classes !== undefined;
  const parts = ending === "safetensors"
    ? safetensorsParts(tensors, {
      format: "pt",
      ...(known && { [PUBLISHED]: JSON.stringify({ detector, classes }) }),
    })
    : [writeTorchStateDict(tensors)];
  await writeWeightsFile(to, parts);
  return { written: tensors.size, leftOut };
}
