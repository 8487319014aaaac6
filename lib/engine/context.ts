import { type CApi, type Pointer, viewBuffer } from "./c_api.ts";
import { Status } from "./status.ts";

/** A device of a context. */
export interface Device {
  /** As `/job:localhost/replica:0/task:0/device:GPU:0`. */
  readonly name: string;
  /** For example `CPU` or `GPU`. */
  readonly kind: string;
  /** Bytes of memory that TensorFlow may use there. */
  readonly bytes: number;
}

/**
 * Starts a context of TensorFlow's eager runtime, with threads of its own.
 *
 * @param config A serialized `ConfigProto`.
 * @throws {Error} With TensorFlow's message.
 */
export function openContext(
  api: CApi,
  config: Uint8Array<ArrayBuffer>,
): Pointer {
  const status = new Status(api);
  const options = api.TFE_NewContextOptions();
  try {
    const length = BigInt(config.length);
    const { pointer } = status;
    api.TFE_ContextOptionsSetConfig(options, config, length, pointer);
    status.check("configure TensorFlow");
    const context = api.TFE_NewContext(options, pointer);
    status.check("start TensorFlow");
    return context!;
  } finally {
    api.TFE_DeleteContextOptions(options);
    status.delete();
  }
}

/** The devices that a context works on. */
export function listDevices(api: CApi, context: Pointer): Device[] {
  const status = new Status(api);
  const { pointer } = status;
  const { getCString } = Deno.UnsafePointerView;
  const list = api.TFE_ContextListDevices(context, pointer);
  try {
    status.check("list devices");
    return Array.from({ length: api.TF_DeviceListCount(list) }, (_, i) => ({
      name: getCString(api.TF_DeviceListName(list, i, pointer)!),
      kind: getCString(api.TF_DeviceListType(list, i, pointer)!),
      bytes: Number(api.TF_DeviceListMemoryBytes(list, i, pointer)),
    }));
  } finally {
    if (list !== null) api.TF_DeleteDeviceList(list);
    status.delete();
  }
}

/**
 * Makes functions of one context known in another.
 *
 * @param names Null-terminated.
 */
export function copyFunctions(
  api: CApi,
  from: Pointer,
  to: Pointer,
  names: readonly Uint8Array<ArrayBuffer>[],
): void {
  const status = new Status(api);
  const { pointer } = status;
  try {
    for (const name of names) {
      const buffer = api.TF_NewBuffer();
      api.TFE_ContextGetFunctionDef(from, name, buffer, pointer);
      const { data, length } = viewBuffer(buffer!);
      if (status.ok) api.TFE_ContextAddFunctionDef(to, data, length, pointer);
      api.TF_DeleteBuffer(buffer);
      status.check("move a compiled step");
    }
  } finally {
    status.delete();
  }
}

/**
 * Gives every holder a handle of the same values that belongs to no context, and
 * deletes the one it had.
 */
export function freeHandlesOfContext(
  api: CApi,
  holders: Iterable<{ handle: Pointer }>,
): void {
  const status = new Status(api);
  try {
    for (const holder of holders) {
      const values = api.TFE_TensorHandleResolve(holder.handle, status.pointer);
      status.check("move a tensor");
      const free = api.TFE_NewTensorHandle(values, status.pointer);
      api.TF_DeleteTensor(values);
      status.check("move a tensor");
      api.TFE_DeleteTensorHandle(holder.handle);
      holder.handle = free!;
    }
  } finally {
    status.delete();
  }
}
