import type { GraphOutput } from "./graph.ts";
import type { Recording } from "./recording.ts";
import type { NativeTensor } from "./native_tensor.ts";
import type { CallSite } from "./source_line.ts";

/** A tensor of a step that is being recorded: it has a shape, but no values. */
export interface SymbolicTensor {
  readonly recording: Recording;
  readonly output: GraphOutput;
  /** The op that gives it. */
  readonly op: string;
  readonly dtype: number;
  readonly shape: number[];
  /** Where the step made it, if that was asked for. */
  readonly site?: CallSite;
}

/** A tensor of either kind. */
export type StoredTensor = NativeTensor | SymbolicTensor;

/** Whether a tensor has a shape only. */
export function isSymbolic(tensor: StoredTensor): tensor is SymbolicTensor {
  return "recording" in tensor;
}

/** Whether a tensor has values. */
export function isNative(tensor: StoredTensor): tensor is NativeTensor {
  return !isSymbolic(tensor);
}

/** The tensors that tfjs refers to by number. */
export class TensorStore {
  readonly #tensors = new Map<number, StoredTensor>();
  #next = 1;

  /** How many tensors there are. */
  get size(): number {
    return this.#tensors.size;
  }

  add(tensor: StoredTensor): number {
    this.#tensors.set(this.#next, tensor);
    return this.#next++;
  }

  /** @throws {Error} If there is no such tensor. */
  get(id: number): StoredTensor {
    const tensor = this.#tensors.get(id);
    if (tensor === undefined) {
      throw new Error(
        `Cannot use tensor: it was disposed or its engine closed`,
      );
    }
    return tensor;
  }

  /** Forgets a tensor and returns it, if there was one. */
  remove(id: number): StoredTensor | undefined {
    const tensor = this.#tensors.get(id);
    this.#tensors.delete(id);
    return tensor;
  }

  /** The tensors that `recording` made and that are still in use. */
  *madeBy(recording: Recording): Generator<SymbolicTensor> {
    for (const tensor of this.#tensors.values()) {
      if (isSymbolic(tensor) && tensor.recording === recording) yield tensor;
    }
  }

  /** All tensors with their numbers. */
  entries(): Iterable<[number, StoredTensor]> {
    return this.#tensors.entries();
  }

  /** All tensors. */
  all(): Iterable<StoredTensor> {
    return this.#tensors.values();
  }

  /** Forgets all and returns them. */
  clear(): StoredTensor[] {
    const all = [...this.#tensors.values()];
    this.#tensors.clear();
    return all;
  }
}

/** The error for a symbolic tensor used where a value is needed. */
export function escaped(tensor: SymbolicTensor): Error {
  return new Error(
    `Cannot use tensor: it was made by ${tensor.op} with shape ` +
      `[${tensor.shape}] while step '${tensor.recording.step}' was recorded, ` +
      `and has no values outside of it. Return it from the step instead`,
  );
}
