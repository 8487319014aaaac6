import { type CApi, cString, type Pointer } from "./c_api.ts";
import { TF } from "./data_types.ts";
import { Status } from "./status.ts";

/** A function of a context, and how it is to run. */
export interface FunctionCall {
  /** Its name, null-terminated. */
  readonly name: Uint8Array<ArrayBuffer>;
  /** A serialized `ConfigProto`. */
  readonly config: Uint8Array<ArrayBuffer>;
  /** The device for what it has no other for, null-terminated; none: the best. */
  readonly device: Uint8Array<ArrayBuffer> | null;
  /** Whether XLA compiles it first; each call after that runs what it made. */
  readonly xla: boolean;
  /** One handle per argument. They may be deleted meanwhile. */
  readonly inputs: readonly Pointer[];
  /** How many tensors it gives. */
  readonly outputs: number;
}

/**
 * Runs a function off the main thread. On a card it is done when all work is
 * given to the card, which goes on by itself; who reads a result waits for it.
 *
 * @param check Throws if a call failed.
 * @returns The addresses of the handles of what it gives.
 */
export async function callFunction(
  api: CApi,
  context: Pointer,
  { name, config, device, xla, inputs, outputs }: FunctionCall,
  check: (status: Status) => void,
): Promise<bigint[]> {
  const status = new Status(api);
  const op = api.TFE_NewOp(context, name, status.pointer);
  // Native memory: TensorFlow's thread writes to it also where a worker, and
  // all that JavaScript owns there, ended meanwhile.
  const results = api.TF_AllocateTensor(
    TF.INT64,
    BigInt64Array.of(BigInt(outputs + 1)),
    1,
    BigInt(8 * (outputs + 1)),
  )!;
  try {
    check(status);
    if (device !== null) api.TFE_OpSetDevice(op, device, status.pointer);
    check(status);
    for (const input of inputs) {
      api.TFE_OpAddInput(op, input, status.pointer);
    }
    check(status);
    api.TFE_OpSetAttrString(
      op,
      cString("config_proto"),
      config,
      BigInt(config.length),
    );
    if (xla) api.TFE_OpSetAttrBool(op, cString("_XlaMustCompile"), 1);
    // First how many handles there are, then the handles.
    const count = api.TF_TensorData(results)!;
    const handles = Deno.UnsafePointer.offset(count, 8)!;
    new Int32Array(Deno.UnsafePointerView.getArrayBuffer(count, 4))[0] =
      outputs;
    await api.executeOffThread(op, handles, count, status.pointer);
    check(status);
    const length = new Deno.UnsafePointerView(count).getInt32();
    const view = new Deno.UnsafePointerView(handles);
    return Array.from({ length }, (_, i) => view.getBigUint64(8 * i));
  } finally {
    api.TF_DeleteTensor(results);
    if (op !== null) api.TFE_DeleteOp(op);
    status.delete();
  }
}
