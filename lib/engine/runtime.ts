import { type CApi, cString, type Pointer } from "./c_api.ts";
import {
  copyFunctions,
  deviceKinds,
  freeHandlesOfContext,
  openContext,
} from "./context.ts";
import type { ThreadCounts } from "./config_proto.ts";
import { TF } from "./data_types.ts";
import { fromNative, type HostValues, withNative } from "./host_values.ts";
import {
  attributeSetter,
  type OpAttribute,
  type SetAttribute,
} from "./op_attributes.ts";
import { type OpDefinitions, readOpDefinitions } from "./op_definitions.ts";
import { groupInputs, inferAttributes } from "./op_inputs.ts";
import { Status } from "./status.ts";

/** A tensor held by TensorFlow. Whoever made it deletes it. */
export interface NativeTensor {
  /** Another after the context was renewed. */
  handle: Pointer;
  readonly dtype: number;
  readonly shape: number[];
}

/**
 * TensorFlow's eager runtime: runs single ops at once, and recorded functions
 * off the main thread. It knows nothing of tfjs.
 */
export class Runtime {
  readonly api: CApi;
  readonly definitions: OpDefinitions;
  readonly #threads: ThreadCounts;
  #context: Pointer;
  readonly #status: Status;
  readonly #setAttribute: SetAttribute;
  /** Handles that were made and not yet deleted. */
  handles = 0;
  readonly #outputs = new BigUint64Array(256);
  readonly #outputCount = new Int32Array(1);

  /**
   * @param api TensorFlow's functions.
   * @param threads How many threads work on ops.
   */
  constructor(api: CApi, threads: ThreadCounts) {
    this.api = api;
    this.#status = new Status(api);
    this.definitions = readOpDefinitions(api);
    this.#setAttribute = attributeSetter(api, "eager", this.#status.pointer);
    this.#threads = threads;
    this.#context = openContext(api, threads);
  }

  /** TensorFlow's eager context. */
  get context(): Pointer {
    return this.#context;
  }

  /** The kinds of device that TensorFlow found, for example `["CPU", "GPU"]`. */
  deviceKinds(): string[] {
    return deviceKinds(this.api, this.#context);
  }

  /**
   * Moves into a new context, and frees the old one with all that its threads
   * hold. Nothing may run meanwhile.
   *
   * @param functions Names of the functions that live on, null-terminated.
   * @param holders Of all handles there are; each gets another.
   */
  renew(
    functions: readonly Uint8Array<ArrayBuffer>[],
    holders: Iterable<{ handle: Pointer }>,
  ): void {
    const former = this.#context;
    const context = openContext(this.api, this.#threads);
    try {
      copyFunctions(this.api, former, context, functions);
      freeHandlesOfContext(this.api, holders);
    } catch (error) {
      this.api.TFE_DeleteContext(context);
      throw error;
    }
    this.#context = context;
    this.api.TFE_DeleteContext(former);
  }

  /** Copies values from the host. */
  upload(dtype: number, shape: readonly number[], values: HostValues): Pointer {
    return withNative(this.api, dtype, shape, values, (tensor) => {
      const handle = this.api.TFE_NewTensorHandle(tensor, this.#status.pointer);
      this.#status.check(`make a tensor of shape [${shape}]`);
      this.handles++;
      if (dtype !== TF.STRING) return handle!;
      // Strings from the host are views; joined with nothing they are copies.
      const views = { handle: handle!, dtype, shape: [...shape] };
      const [copy] = this.execute("StringJoin", [], [views], 1);
      this.delete(handle!);
      return copy.handle;
    });
  }

  /** Copies values to the host, on the main thread. */
  download(tensor: NativeTensor): HostValues {
    const { api } = this;
    const resolved = api.TFE_TensorHandleResolve(
      tensor.handle,
      this.#status.pointer,
    );
    this.#status.check("read a tensor");
    try {
      return fromNative(api, tensor.dtype, resolved!);
    } finally {
      api.TF_DeleteTensor(resolved);
    }
  }

  /** Copies values to the host; waits for them off the main thread. */
  async downloadLater(tensor: NativeTensor): Promise<HostValues> {
    const { api } = this;
    const status = new Status(api);
    // The tensor may be deleted while its values are on their way.
    const own = this.share(tensor.handle);
    const { dtype } = tensor;
    try {
      const resolved = await api.resolveOffThread(own, status.pointer);
      status.check("read a tensor");
      try {
        return fromNative(api, dtype, resolved!);
      } finally {
        api.TF_DeleteTensor(resolved);
      }
    } finally {
      this.delete(own);
      status.delete();
    }
  }

  /** A second handle of the same values, with a life of its own. */
  share(handle: Pointer): Pointer {
    const own = this.api.TFE_TensorHandleCopySharingTensor(
      handle,
      this.#status.pointer,
    );
    this.#status.check("share a tensor");
    this.handles++;
    return own!;
  }

  delete(handle: Pointer): void {
    this.api.TFE_DeleteTensorHandle(handle);
    this.handles--;
  }

  /**
   * Runs one op and waits for it.
   *
   * @param name The op, for example `Conv2D`.
   * @param attributes Those that do not follow from the inputs; others are left
   * to TensorFlow even if given.
   * @param inputs In the order of the op's definition, lists flattened.
   * @param outputCount How many tensors the op gives.
   * @throws {Error} With TensorFlow's message, if the op cannot run.
   */
  execute(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly NativeTensor[],
    outputCount: number,
  ): NativeTensor[] {
    const { api } = this;
    const status = this.#status;
    const definition = this.definitions.get(name);
    const op = api.TFE_NewOp(this.#context, cString(name), status.pointer);
    status.check(`run ${name}`);
    try {
      const groups = groupInputs(definition, attributes, inputs);
      if (groups.some(Array.isArray)) {
        for (const attribute of inferAttributes(definition, groups)) {
          this.#setAttribute(op!, definition, attribute);
        }
      }
      for (const input of inputs) {
        api.TFE_OpAddInput(op, input.handle, status.pointer);
        if (!status.ok) status.check(`run ${name}`);
      }
      for (const attribute of attributes) {
        if (definition.inferred.has(attribute.name)) continue;
        this.#setAttribute(op!, definition, attribute);
      }
      this.#outputCount[0] = outputCount;
      api.TFE_Execute(op, this.#outputs, this.#outputCount, status.pointer);
      if (!status.ok) {
        const shapes = inputs.map((input) => `[${input.shape}]`).join(", ");
        status.check(`run ${name} on ${shapes || "no inputs"}`);
      }
    } finally {
      api.TFE_DeleteOp(op);
    }
    const outputs: NativeTensor[] = [];
    for (let i = 0; i < this.#outputCount[0]; i++) {
      outputs.push(this.describe(this.#outputs[i]));
    }
    return outputs;
  }

  /**
   * Runs a function that was added to the context, off the main thread.
   *
   * @param name Its name, null-terminated.
   * @param config A serialized `ConfigProto`.
   * @param inputs One handle per argument. They may be deleted meanwhile.
   * @param outputCount How many tensors the function gives.
   * @param what Completes "Cannot …" in an error.
   */
  async executeFunction(
    name: Uint8Array<ArrayBuffer>,
    config: Uint8Array<ArrayBuffer>,
    inputs: readonly Pointer[],
    outputCount: number,
    what: string,
  ): Promise<NativeTensor[]> {
    const { api } = this;
    const status = new Status(api);
    const op = api.TFE_NewOp(this.#context, name, status.pointer);
    // Native memory: TensorFlow's thread writes to it also where a worker, and
    // all that JavaScript owns there, ended meanwhile.
    const results = api.TF_AllocateTensor(
      TF.INT64,
      BigInt64Array.of(BigInt(outputCount + 1)),
      1,
      BigInt(8 * (outputCount + 1)),
    )!;
    try {
      status.check(what);
      for (const input of inputs) {
        api.TFE_OpAddInput(op, input, status.pointer);
      }
      status.check(what);
      api.TFE_OpSetAttrString(
        op,
        cString("config_proto"),
        config,
        BigInt(config.length),
      );
      // First how many handles there are, then the handles.
      const count = api.TF_TensorData(results)!;
      const handles = Deno.UnsafePointer.offset(count, 8)!;
      new Int32Array(Deno.UnsafePointerView.getArrayBuffer(count, 4))[0] =
        outputCount;
      await api.executeOffThread(op, handles, count, status.pointer);
      status.check(what);
      const length = new Deno.UnsafePointerView(count).getInt32();
      const view = new Deno.UnsafePointerView(handles);
      return Array.from(
        { length },
        (_, i) => this.describe(view.getBigUint64(8 * i)),
      );
    } finally {
      api.TF_DeleteTensor(results);
      if (op !== null) api.TFE_DeleteOp(op);
      status.delete();
    }
  }

  /** Removes a function from the context. */
  removeFunction(name: Uint8Array<ArrayBuffer>): void {
    this.api.TFE_ContextRemoveFunction(
      this.#context,
      name,
      this.#status.pointer,
    );
    this.#status.check("remove a compiled step");
  }

  /** Frees the context. Every handle must have been deleted before. */
  close(): void {
    this.api.TFE_DeleteContext(this.#context);
    this.#status.delete();
  }

  /** Reads off a new handle what it holds. */
  private describe(address: bigint): NativeTensor {
    const { api } = this;
    const status = this.#status.pointer;
    const handle = Deno.UnsafePointer.create(address)!;
    this.handles++;
    const rank = api.TFE_TensorHandleNumDims(handle, status);
    const shape: number[] = new Array(rank);
    for (let i = 0; i < rank; i++) {
      shape[i] = Number(api.TFE_TensorHandleDim(handle, i, status));
    }
    return { handle, dtype: api.TFE_TensorHandleDataType(handle), shape };
  }
}
