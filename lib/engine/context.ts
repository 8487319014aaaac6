import { type CApi, type Pointer, viewBuffer } from "./c_api.ts";
import { threadConfig, type ThreadCounts } from "./config_proto.ts";
import { Status } from "./status.ts";

/**
 * Starts a context of TensorFlow's eager runtime, with threads of its own.
 *
 * @param threads How many threads work on ops.
 * @throws {Error} With TensorFlow's message.
 */
export function openContext(api: CApi, threads: ThreadCounts): Pointer {
  const status = new Status(api);
  const options = api.TFE_NewContextOptions();
  try {
    const config = threadConfig(threads);
    const length = BigInt(config.length);
    const { pointer } = status;
    api.TFE_ContextOptionsSetConfig(options, config, length, pointer);
    status.check("set TensorFlow's threads");
    const context = api.TFE_NewContext(options, pointer);
    status.check("start TensorFlow");
    return context!;
  } finally {
    api.TFE_DeleteContextOptions(options);
    status.delete();
  }
}

/** The kinds of device that a context works on, for example `["CPU", "GPU"]`. */
export function deviceKinds(api: CApi, context: Pointer): string[] {
  const status = new Status(api);
  try {
    const list = api.TFE_ContextListDevices(context, status.pointer);
    status.check("list devices");
    const kinds = new Set<string>();
    for (let i = 0; i < api.TF_DeviceListCount(list); i++) {
      const kind = api.TF_DeviceListType(list, i, status.pointer);
      kinds.add(Deno.UnsafePointerView.getCString(kind!));
    }
    api.TF_DeleteDeviceList(list);
    return [...kinds];
  } finally {
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
