import { rowMajorStrides } from "./element_types.ts";
import type { HostTensor } from "./safetensors.ts";
import { writeStoredZip } from "./write_stored_zip.ts";

const STORAGES = {
  float32: "FloatStorage",
  int32: "IntStorage",
  uint8: "ByteStorage",
} as const;

/**
 * Writes tensors as a state dict that PyTorch reads, `weights_only` or not.
 *
 * Use it to hand weights to PyTorch or MMDetection, whose `load_checkpoint` and
 * `load_state_dict` take it as it is.
 *
 * @param tensors Host tensors by name, in PyTorch's layout; written in the map's
 * order.
 * @returns The bytes of the `.pth` file: equal for equal tensors.
 * @throws {TypeError} If a shape does not fit its data.
 * @throws {RangeError} If there would be 4 GiB, or more than 65,000 tensors.
 * @see https://github.com/pytorch/pytorch/blob/v2.9.0/torch/serialization.py
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { writeTorchStateDict } from "ldlab/train/torch_state_dict.ts";
 *
 * const bias = { shape: [1], dtype: "float32", data: new Float32Array([0.5]) } as const;
 * const bytes = writeTorchStateDict(new Map([["fc.bias", bias]]));
 * // A zip file; in Python: torch.load("bias.pth")["fc.bias"] is tensor([0.5000])
 * assert.equal(new TextDecoder().decode(bytes.subarray(0, 2)), "PK");
 * ```
 */
export function writeTorchStateDict(
  tensors: ReadonlyMap<string, HostTensor>,
): Uint8Array<ArrayBuffer> {
  const records = new Map<string, Uint8Array>();
  const pickle: number[] = [0x80, 2];
  pickle.push(...named("collections", "OrderedDict"), ...op(")R("));
  let key = 0;
  for (const [name, tensor] of tensors) {
    pickle.push(...text(name), ...pickled(name, tensor, `${key}`));
    const { buffer, byteOffset, byteLength } = tensor.data;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    records.set(`archive/data/${key++}`, bytes);
  }
  pickle.push(...op("u."));
  const encode = (line: string) => new TextEncoder().encode(line);
  return writeStoredZip(
    new Map([
      ["archive/data.pkl", Uint8Array.from(pickle)],
      ["archive/byteorder", encode("little")],
      ...records,
      ["archive/version", encode("3\n")],
    ]),
  );
}

/** A call of `_rebuild_tensor_v2` with the storage of a key. */
function pickled(
  name: string,
  { shape, dtype, data }: HostTensor,
  key: string,
): number[] {
  const strides = rowMajorStrides(shape);
  const count = shape.reduce((a, b) => a * b, 1);
  if (count !== data.length) {
    throw new TypeError(
      `Cannot write a state dict: '${name}' of shape [${shape}] must have ` +
        `${count} values: current number is ${data.length}`,
    );
  }
  return [
    ...named("torch._utils", "_rebuild_tensor_v2"),
    ...op("(("),
    ...text("storage"),
    ...named("torch", STORAGES[dtype]),
    ...[...text(key), ...text("cpu"), ...integer(count), ...op("tQ")],
    ...integer(0),
    ...[...op("("), ...shape.flatMap(integer), ...op("t")],
    ...[...op("("), ...strides.flatMap(integer), ...op("t")],
    0x89, // requires no gradient
    ...[...named("collections", "OrderedDict"), ...op(")RtR")], // no hooks
  ];
}

function op(letters: string): number[] {
  return [...letters].map((letter) => letter.charCodeAt(0));
}

function named(module: string, name: string): number[] {
  return op(`c${module}\n${name}\n`);
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...op("X"), ...littleEndian(bytes.length, 4), ...bytes];
}

function integer(value: number): number[] {
  // An integer of 8 bytes, whose sign is plus.
  return [0x8a, 8, ...littleEndian(value, 8)];
}

function littleEndian(value: number, length: number): number[] {
  return Array.from(
    { length },
    (_, i) => Math.floor(value / 256 ** i) % 256,
  );
}
