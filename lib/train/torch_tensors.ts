import {
  ELEMENT_TYPES,
  type ElementKind,
  readElements,
} from "./element_types.ts";
import { LOG_MEANINGS } from "./mmengine_logs.ts";
import { NumpyArray, numpyScalar, NumpyType } from "./numpy_values.ts";
import { type PickleMeaning, PickleName } from "./pickle_name.ts";
import type { HostTensor } from "./safetensors.ts";

const STORAGES: Record<string, ElementKind> = {
  FloatStorage: "float32",
  DoubleStorage: "float64",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  LongStorage: "int64",
  IntStorage: "int32",
  ByteStorage: "uint8",
  BoolStorage: "bool",
};

/** Memory that tensors of a checkpoint share. */
export class TorchStorage {
  /**
   * @param kind Its elements.
   * @param key Its name in the checkpoint.
   * @param offset Where it begins in what the key names, in elements.
   * @param count How many elements it has.
   * @param whole How many elements there are under the key.
   */
  constructor(
    readonly kind: ElementKind,
    readonly key: string,
    readonly offset: number,
    readonly count: number,
    readonly whole: number,
  ) {}
}

/** Elements of a storage that are a tensor. */
interface View {
  readonly tensor: { -readonly [K in keyof HostTensor]: HostTensor[K] };
  readonly storage: TorchStorage;
  readonly offset: number;
  readonly strides: readonly number[];
}

/**
 * The tensors of one pickle: what its names and persistent ids mean, and where
 * the elements lie. They are filled when the storages' bytes are known, which
 * may be behind the pickle.
 */
export class TorchTensors {
  readonly #views: View[] = [];
  readonly #storages = new Map<string, TorchStorage>();

  /** The storages that the pickle refers to, by key. */
  get storages(): ReadonlyMap<string, TorchStorage> {
    return this.#storages;
  }

  /** What the names of a checkpoint's pickle stand for. */
  readonly meanings: ReadonlyMap<string, PickleMeaning> = new Map<
    string,
    PickleMeaning
  >([
    ["torch._utils._rebuild_tensor_v2", (...args) => this.#tensor(args)],
    ["torch._utils._rebuild_tensor", (...args) => this.#tensor(args)],
    ["torch._utils._rebuild_parameter", (tensor) => tensor],
    ["torch.Size", (sizes = []) => Object.freeze([...integers(sizes)])],
    ["torch.device", device],
    ...Object.keys(STORAGES).flatMap((name): [string, PickleMeaning][] => [
      [`torch.${name}`, null],
      [`torch.cuda.${name}`, null],
    ]),
    ...Object.keys(ELEMENT_TYPES).map((name): [string, PickleMeaning] => [
      `torch.${name}`,
      null,
    ]),
    ["numpy.dtype", (code) => new NumpyType(code)],
    ["numpy.core.multiarray.scalar", numpyScalar],
    ["numpy._core.multiarray.scalar", numpyScalar],
    ["numpy.ndarray", null],
    ["numpy.core.multiarray._reconstruct", () => new NumpyArray()],
    ["numpy._core.multiarray._reconstruct", () => new NumpyArray()],
    ...LOG_MEANINGS,
  ]);

  /** The storage that a persistent id means. */
  readonly persistent = (id: unknown): TorchStorage => {
    if (!Array.isArray(id) || id[0] !== "storage") {
      throw new TypeError("it is no storage");
    }
    const [, type, key, , count, view] = id;
    const name = type instanceof PickleName ? type.name.split(".").at(-1)! : "";
    const kind = Object.hasOwn(STORAGES, name) ? STORAGES[name] : undefined;
    if (kind === undefined || typeof key !== "string" || !isSize(count)) {
      throw new TypeError("it has no type, name and size");
    }
    const whole = this.#storages.get(key) ??
      new TorchStorage(kind, key, 0, count, count);
    if (whole.kind !== kind || whole.count !== count) {
      throw new TypeError(`storage '${key}' has two types or sizes`);
    }
    this.#storages.set(key, whole);
    if (view === undefined || view === null) return whole;
    const [, offset, part] = Array.isArray(view) ? view : [];
    if (!isSize(offset) || !isSize(part) || offset + part > count) {
      throw new TypeError(`a part of storage '${key}' reaches beyond it`);
    }
    return new TorchStorage(kind, key, offset, part, count);
  };

  /** A tensor without its elements yet. */
  #tensor([storage, offset, sizes, steps]: unknown[]): HostTensor {
    if (!(storage instanceof TorchStorage) || !isSize(offset)) {
      throw new TypeError("it has no storage and offset");
    }
    const [shape, strides] = [integers(sizes), integers(steps)];
    if (shape.length !== strides.length) {
      throw new TypeError(`shape [${shape}] with strides [${strides}]`);
    }
    const last = shape.reduce((at, n, i) => at + (n - 1) * strides[i], offset);
    if (!shape.includes(0) && last >= storage.count) {
      throw new TypeError(
        `shape [${shape}] with strides [${strides}] from ${offset} in a ` +
          `storage of ${storage.count} elements`,
      );
    }
    const { dtype } = ELEMENT_TYPES[storage.kind];
    const tensor = {
      shape,
      dtype,
      data: new Uint8Array() as HostTensor["data"],
    };
    this.#views.push({
      tensor,
      storage,
      offset: storage.offset + offset,
      strides,
    });
    return tensor;
  }

  /**
   * Gives the tensors their elements.
   *
   * @param bytesOf The bytes of a storage.
   * @param most How many elements all tensors may have, those that share
   * memory counted apart.
   * @param bad Makes the error.
   */
  fill(
    bytesOf: (storage: TorchStorage) => Uint8Array,
    most: number,
    bad: (why: string) => Error,
  ): void {
    let total = 0;
    for (const { tensor: { shape } } of this.#views) {
      total += shape.reduce((product, length) => product * length, 1);
      if (!(total <= most)) {
        throw bad(
          `its tensors share memory to have more than ${most} elements`,
        );
      }
    }
    const known = new Map<string, Uint8Array>();
    for (const { tensor, storage, offset, strides } of this.#views) {
      const { kind, key } = storage;
      const bytes = known.get(key) ?? bytesOf(storage);
      known.set(key, bytes);
      try {
        const { shape } = tensor;
        tensor.data = readElements(kind, bytes, { offset, shape, strides });
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw bad(`a tensor of storage '${key}': ${error.message}`);
      }
    }
  }
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Sizes or strides. */
function integers(value: unknown): readonly number[] {
  if (!Array.isArray(value) || !value.every(isSize)) {
    throw new TypeError("sizes and strides must be whole numbers from 0");
  }
  if (value.length > 64) throw new TypeError(`${value.length} axes`);
  return value;
}

/** A device as text: `cuda:0`. */
function device(type: unknown, index?: unknown): string {
  if (typeof type !== "string") throw new TypeError("a device must be text");
  return isSize(index) ? `${type}:${index}` : type;
}
