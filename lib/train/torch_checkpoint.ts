import { ELEMENT_TYPES } from "./element_types.ts";
import { ByteCursor } from "./byte_cursor.ts";
import { openStoredZip } from "./open_stored_zip.ts";
import { readPickle } from "./pickle.ts";
import { TorchTensors } from "./torch_tensors.ts";

/** What a legacy file begins with, as an integer of a pickle of its own. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_PROTOCOL = 1001;

type Bad = (why: string) => Error;

/**
 * Reads what `torch.save` wrote, as data: nothing is executed, whatever the
 * file asks for.
 *
 * Use it for published weights and for checkpoints of PyTorch and MMDetection;
 * {@linkcode stateDictOf} takes the weights out. Both formats are read, that of
 * PyTorch since 1.6 (a zip file) and the one before.
 *
 * Dictionaries become maps, lists and tuples arrays, and tensors
 * {@linkcode HostTensor}s, row-major whatever their strides were: float16,
 * bfloat16 and float64 become float32 (doubles rounded), int64 becomes int32,
 * booleans become uint8. Tensors that share memory in PyTorch are copies here.
 * NumPy's numbers and arrays are read alike; MMEngine's logs are left out.
 *
 * @param bytes The whole file.
 * @param name Named in errors, for example the file's path.
 * @returns What was saved: for most files a map with `state_dict`, `meta` and
 * the like, or a state dict itself.
 * @throws {SyntaxError} If the file is cut off, altered or of another format; if
 * its pickle asks for anything but plain data and tensors; if a tensor does not
 * fit its storage, or an integer int32.
 * @see https://github.com/pytorch/pytorch/blob/v2.9.0/torch/serialization.py
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readTorchCheckpoint } from "ldlab/train/torch_checkpoint.ts";
 * import { writeTorchStateDict } from "ldlab/train/torch_state_dict.ts";
 *
 * const bias = { shape: [2], dtype: "float32", data: new Float32Array([1, 2]) } as const;
 * const bytes = writeTorchStateDict(new Map([["fc.bias", bias]]));
 * const checkpoint = readTorchCheckpoint(bytes, "bias.pth");
 * assert.deepEqual(checkpoint, new Map([["fc.bias", bias]]));
 * const cut = bytes.subarray(0, 100);
 * assert.throws(() => readTorchCheckpoint(cut, "cut.pth"), /cut\.pth/);
 * ```
 */
export function readTorchCheckpoint(bytes: Uint8Array, name: string): unknown {
  const bad = (why: string) =>
    new SyntaxError(`Cannot read ${name} as a PyTorch checkpoint: ${why}`);
  const zip = bytes[0] === 0x50 && bytes[1] === 0x4b; // "PK"
  return zip ? readZip(bytes, name, bad) : readLegacy(bytes, name, bad);
}

/** A tensor may be saved several times, but not so that a small file explodes. */
function mostElements(bytes: Uint8Array): number {
  return 8 * bytes.length + 2 ** 20;
}

function readZip(bytes: Uint8Array, name: string, bad: Bad): unknown {
  const zip = openStoredZip(bytes, name);
  // Everything is in one folder, whose name is the saved file's.
  const pickles = zip.names.filter((one) => /^[^/]+\/data\.pkl$/.test(one));
  if (pickles.length !== 1) {
    throw bad(`it has ${pickles.length} records 'data.pkl' in a folder, not 1`);
  }
  const folder = pickles[0].slice(0, -"data.pkl".length);
  const order = `${folder}byteorder`;
  if (zip.names.includes(order)) {
    const text = new TextDecoder().decode(zip.take(order));
    if (text !== "little") {
      throw bad(`its byte order is '${text}', not 'little'`);
    }
  }
  const tensors = new TorchTensors();
  const { value } = readPickle(zip.take(pickles[0]), {
    source: `${name}, record '${pickles[0]}',`,
    meanings: tensors.meanings,
    persistent: tensors.persistent,
  });
  tensors.fill(
    ({ key, kind, whole }) => {
      const record = `${folder}data/${key}`;
      const data = zip.take(record);
      const expected = whole * ELEMENT_TYPES[kind].width;
      if (data.length !== expected) {
        throw bad(
          `the record '${record}' has ${data.length} bytes, ${whole} elements ` +
            `of ${kind} have ${expected}`,
        );
      }
      return data;
    },
    mostElements(bytes),
    bad,
  );
  return value;
}

function readLegacy(bytes: Uint8Array, name: string, bad: Bad): unknown {
  let at = 0;
  const tensors = new TorchTensors();
  const next = (what: string) => {
    const { meanings, persistent } = tensors;
    const source = `${name}, ${what},`;
    const { value, end } = readPickle(bytes, {
      ...{ source, at, meanings, persistent },
    });
    at = end;
    return value;
  };
  if (bytes[0] !== 0x80 || next("its first record") !== MAGIC) {
    throw bad("it begins as neither of PyTorch's formats does");
  }
  const protocol = next("its protocol");
  if (protocol !== LEGACY_PROTOCOL) {
    throw bad(`it has protocol ${protocol}, this reads ${LEGACY_PROTOCOL}`);
  }
  const system = next("its system");
  if (!(system instanceof Map) || system.get("little_endian") !== true) {
    throw bad("it was not written on a little-endian machine");
  }
  const value = next("its data");
  const keys = next("its list of storages");
  if (!Array.isArray(keys)) throw bad("its list of storages is none");
  const cursor = new ByteCursor(bytes, at, bad);
  const contents = new Map<unknown, Uint8Array>();
  for (const key of keys) {
    const storage = tensors.storages.get(key);
    if (!storage) throw bad(`nothing uses its storage '${key}'`);
    const count = cursor.uint64();
    if (count !== storage.count) {
      throw bad(
        `its storage '${key}' has ${count} elements, its data say ${storage.count}`,
      );
    }
    contents.set(key, cursor.take(count * ELEMENT_TYPES[storage.kind].width));
  }
  tensors.fill(
    ({ key }) => {
      const data = contents.get(key);
      if (!data) throw bad(`its storage '${key}' is missing`);
      return data;
    },
    mostElements(bytes),
    bad,
  );
  return value;
}
