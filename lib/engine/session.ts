import { elementCount } from "./data_types.ts";
import type { HostValues } from "./host_values.ts";
import type { OpAttribute } from "./op_attributes.ts";
import type { Recording } from "./recording.ts";
import { Renewal } from "./renewal.ts";
import type { NativeTensor } from "./native_tensor.ts";
import type { Runtime } from "./runtime.ts";
import { withLine } from "./source_line.ts";
import {
  escaped,
  isSymbolic,
  type StoredTensor,
  TensorStore,
} from "./tensor_store.ts";

/**
 * Elements from which on a copy to a card takes longer than the way to another
 * thread and back.
 */
const LARGE = 4096;

/**
 * An open TensorFlow as tfjs's backend sees it: tensors by number, and ops that
 * run at once, or become nodes while a step is recorded.
 */
export class Session {
  readonly runtime: Runtime;
  readonly tensors = new TensorStore();
  /** A serialized `ConfigProto`, for every replayed function. */
  readonly functionConfig: Uint8Array<ArrayBuffer>;
  /** The step that is being recorded. */
  recording: Recording | null = null;
  /** What is missing for steps in bfloat16, as a clause, if anything. */
  missingForBfloat16: string | undefined;
  /** What was recorded and not yet freed. */
  readonly steps: Renewal;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #reads = new Set<Promise<unknown>>();
  /** Settles, never fails, when the context that waits for reads is renewed. */
  #renewing: Promise<unknown> | null = null;
  #closed = false;

  constructor(runtime: Runtime, functionConfig: Uint8Array<ArrayBuffer>) {
    this.runtime = runtime;
    this.functionConfig = functionConfig;
    this.steps = new Renewal(runtime, this.tensors);
  }

  /** Makes a tensor from host values: a constant, while a step is recorded. */
  create(dtype: number, shape: number[], values: HostValues): number {
    return this.recording === null
      ? this.upload(dtype, shape, values)
      : this.tensors.add(this.recording.constant(dtype, shape, values));
  }

  /** Makes a tensor with values, also while a step is recorded. */
  upload(dtype: number, shape: number[], values: HostValues): number {
    this.#mustBeOpen();
    const handle = this.runtime.hold(dtype, shape, values);
    const waits = this.runtime.leavesHost(dtype);
    return this.tensors.add({ handle, dtype, shape, waits });
  }

  /** Runs or records an op. */
  execute(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): { id: number; tensor: StoredTensor }[] {
    this.#mustBeOpen();
    const outputs = this.recording === null
      ? this.runtime.execute(
        name,
        attributes,
        inputs.map((id) => this.native(id)),
        outputCount,
      )
      : withLine(() =>
        this.recording!.operation(
          name,
          attributes,
          inputs.map((id) => [id, this.placed(id)] as const),
          outputCount,
        )
      );
    return outputs.map((tensor) => ({ id: this.tensors.add(tensor), tensor }));
  }

  /** A tensor that has values, where they are computed with. */
  native(id: number): NativeTensor {
    const tensor = this.#valued(id);
    if (tensor.waits) this.runtime.move(tensor);
    return tensor;
  }

  /** A tensor of either kind; if it has values, where they are computed with. */
  placed(id: number): StoredTensor {
    const tensor = this.tensors.get(id);
    return isSymbolic(tensor) ? tensor : this.native(id);
  }

  /**
   * Brings large values to where they are computed with, off the main thread. They
   * must not be deleted meanwhile.
   */
  async place(ids: readonly number[]): Promise<void> {
    const waiting = ids.map((id) => this.#valued(id)).filter((tensor) =>
      tensor.waits && elementCount(tensor.shape) >= LARGE
    );
    const moves = await Promise.allSettled(
      waiting.map((tensor) => this.runtime.moveLater(tensor)),
    );
    for (const move of moves) {
      if (move.status === "rejected") throw move.reason;
    }
  }

  #valued(id: number): NativeTensor {
    const tensor = this.tensors.get(id);
    if (isSymbolic(tensor)) throw escaped(tensor);
    return tensor;
  }

  /** A tensor's values; waits for them off the main thread. */
  read(id: number): Promise<HostValues> {
    this.#mustBeOpen();
    const tensor = this.#valued(id);
    const values = this.#renewing === null
      ? this.runtime.downloadLater(tensor)
      : this.#readAfter(this.#renewing, tensor);
    const settled: Promise<unknown> = values.catch(() => {})
      .then(() => this.#reads.delete(settled));
    this.#reads.add(settled);
    return values;
  }

  delete(id: number): void {
    const tensor = this.tensors.remove(id);
    if (tensor !== undefined && !isSymbolic(tensor)) {
      this.runtime.delete(tensor.handle);
    }
  }

  /** Keeps a native tensor under a number. */
  adopt(tensor: NativeTensor): number {
    return this.tensors.add(tensor);
  }

  /**
   * Runs jobs one after another: a replay reads state that the one before it
   * wrote.
   */
  inTurn<T>(job: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const result = this.#last.then(async () => {
      try {
        if (this.steps.due) await this.#renew();
        this.#mustBeOpen();
        return await job();
      } finally {
        this.#waiting--;
      }
    });
    this.#last = result.catch(() => {});
    return result;
  }

  /** Does `job` once the jobs that were given before are done: now, if none is. */
  afterJobs(job: () => void): void {
    if (this.#waiting === 0) return job();
    this.inTurn(async () => await job()).catch((error) => {
      if (!this.#closed) throw error; // else `close` frees what there is
    });
  }

  /** From now on refuses ops, jobs and reads; waits for those that run. */
  async settle(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#last, ...this.#reads]);
  }

  /** Frees everything. To be settled before. */
  close(): void {
    for (const step of this.steps.functions) step.dispose();
    for (const tensor of this.tensors.clear()) {
      if (!isSymbolic(tensor)) this.runtime.delete(tensor.handle);
    }
    this.runtime.close();
  }

  /** Renews TensorFlow's context between reads: later ones wait for it. */
  async #renew(): Promise<void> {
    const renewal = Promise.all(this.#reads).then(() => {
      if (!this.#closed) this.steps.renew();
    });
    this.#renewing = renewal.catch(() => {});
    try {
      await renewal;
    } finally {
      this.#renewing = null;
    }
  }

  async #readAfter(
    renewal: Promise<unknown>,
    { handle, dtype, shape }: NativeTensor,
  ): Promise<HostValues> {
    // The tensor may be deleted meanwhile; one in the store moves with the rest.
    const own = { handle: this.runtime.share(handle), dtype, shape };
    const id = this.adopt(own);
    try {
      await renewal;
      return await this.runtime.downloadLater(own);
    } finally {
      this.delete(id);
    }
  }

  #mustBeOpen(): void {
    if (this.#closed) {
      throw new Error(
        `Cannot run on TensorFlow: the engine was closed. Open it again with ` +
          `openEngine()`,
      );
    }
  }
}

let current: Session | null = null;

/** The open session; null where the engine runs on another backend. */
export function currentSession(): Session | null {
  return current;
}

/** Makes `session` the one that compiled steps use. */
export function setCurrentSession(session: Session | null): void {
  current = session;
}
