import { type CApi, cString, type Pointer } from "./c_api.ts";
import { callFunction, type FunctionCall } from "./call_function.ts";
import {
  copyFunctions,
  type Device,
  freeHandlesOfContext,
  listDevices,
  openContext,
} from "./context.ts";
import { TF } from "./data_types.ts";
import { fromNative, type HostValues, withNative } from "./host_values.ts";
import { moveTensor, moveTensorLater, type Place } from "./move_tensor.ts";
import { inspectHandle, type NativeTensor } from "./native_tensor.ts";
import {
  attributeSetter,
  type OpAttribute,
  type SetAttribute,
} from "./op_attributes.ts";
import { type OpDefinitions, readOpDefinitions } from "./op_definitions.ts";
import { groupInputs, inferAttributes } from "./op_inputs.ts";
import { Status } from "./status.ts";

/**
 * Types that stay with the processor: most of TensorFlow's ops for cards take
 * int32 tensors, which are shapes and indices, from there.
 */
const OF_THE_HOST: ReadonlySet<number> = new Set([
  TF.INT32,
  TF.STRING,
  TF.RESOURCE,
]);

/**
 * TensorFlow's eager runtime: runs single ops at once, and recorded functions
 * off the main thread. It knows nothing of tfjs.
 */
export class Runtime {
  readonly api: CApi;
  readonly definitions: OpDefinitions;
  /** Says what holds memory, for errors where it does not suffice. */
  describeMemory: (() => string) | undefined;
  readonly #config: Uint8Array<ArrayBuffer>;
  readonly #device: Uint8Array<ArrayBuffer> | null;
  #context: Pointer;
  readonly #status: Status;
  readonly #setAttribute: SetAttribute;
  /** Handles that were made and not yet deleted. */
  handles = 0;
  readonly #outputs = new BigUint64Array(256);
  readonly #outputCount = new Int32Array(1);

  /**
   * @param api TensorFlow's functions.
   * @param config A serialized `ConfigProto`.
   * @param device Where ops run and values go, as `/device:GPU:0`; where not
   * given, TensorFlow chooses.
   */
  constructor(
    api: CApi,
    config: Uint8Array<ArrayBuffer>,
    device?: string,
  ) {
    this.api = api;
    this.#status = new Status(api);
    this.definitions = readOpDefinitions(api);
    this.#setAttribute = attributeSetter(api, "eager", this.#status.pointer);
    this.#config = config;
    this.#device = device === undefined ? null : cString(device);
    this.#context = openContext(api, config);
  }

  /** TensorFlow's eager context. */
  get context(): Pointer {
    return this.#context;
  }

  /** The devices that TensorFlow works on. */
  devices(): Device[] {
    return listDevices(this.api, this.#context);
  }

  /** Whether it computes elsewhere than where the host's values are. */
  get remote(): boolean {
    return this.#device !== null;
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
    const context = openContext(this.api, this.#config);
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

  /** Whether values of a type are computed with elsewhere than on the host. */
  leavesHost(dtype: number): boolean {
    return this.#device !== null && !OF_THE_HOST.has(dtype);
  }

  /** Copies values from the host, to where they are computed with. */
  upload(dtype: number, shape: number[], values: HostValues): Pointer {
    const tensor = { handle: this.hold(dtype, shape, values), dtype, shape };
    try {
      this.move(tensor);
    } catch (error) {
      this.delete(tensor.handle);
      throw error;
    }
    return tensor.handle;
  }

  /** Copies values from the host, into memory of TensorFlow's there. */
  hold(dtype: number, shape: readonly number[], values: HostValues): Pointer {
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

  /**
   * Moves the host's values to where they are computed with, and waits for that.
   * What fails stays on the host.
   */
  move(tensor: NativeTensor): void {
    if (this.leavesHost(tensor.dtype)) {
      moveTensor(this.api, this.#place(), tensor);
    }
  }

  /**
   * Moves values that wait on the host, off the main thread. The tensor must not
   * be deleted meanwhile; it may be used, and moved.
   */
  async moveLater(tensor: NativeTensor): Promise<void> {
    if (!tensor.waits) return;
    await moveTensorLater(this.api, this.#place(), tensor);
  }

  #place(): Place {
    return {
      context: this.#context,
      device: this.#device!,
      describeMemory: this.describeMemory,
    };
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
      if (this.#device !== null) {
        api.TFE_OpSetDevice(op, this.#device, status.pointer);
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
        const what = `run ${name} on ${shapes || "no inputs"}`;
        status.check(what, this.describeMemory);
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
   * @param call Which, and how; on the device of all else.
   * @param what Completes "Cannot …" in an error.
   */
  async executeFunction(
    call: Omit<FunctionCall, "device">,
    what: string,
  ): Promise<NativeTensor[]> {
    const results = await callFunction(
      this.api,
      this.#context,
      { ...call, device: this.#device },
      (status) => status.check(what, this.describeMemory),
    );
    return results.map((address) => this.describe(address));
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
    this.handles++;
    const handle = Deno.UnsafePointer.create(address)!;
    return inspectHandle(this.api, handle, this.#status.pointer);
  }
}
