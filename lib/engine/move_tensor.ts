import type { CApi, Pointer } from "./c_api.ts";
import { TF } from "./data_types.ts";
import type { NativeTensor } from "./native_tensor.ts";
import { Status } from "./status.ts";

/** Where tensors go, and who says what holds memory there. */
export interface Place {
  readonly context: Pointer;
  /** As `/device:GPU:0`, null-terminated. */
  readonly device: Uint8Array<ArrayBuffer>;
  readonly describeMemory: (() => string) | undefined;
}

/**
 * Moves a tensor's values to a device, and waits for that.
 *
 * @throws {Error} With TensorFlow's message; the tensor stays where it was.
 */
export function moveTensor(
  api: CApi,
  { context, device, describeMemory }: Place,
  tensor: NativeTensor,
): void {
  const status = new Status(api);
  try {
    const there = api.TFE_TensorHandleCopyToDevice(
      tensor.handle,
      context,
      device,
      status.pointer,
    );
    status.check(moving(tensor), describeMemory);
    arrive(api, tensor, there!);
  } finally {
    status.delete();
  }
}

/**
 * Moves a tensor's values that wait on the host to a device, off the main thread.
 * The tensor may be used, and moved, meanwhile, but not be deleted.
 *
 * @throws {Error} With TensorFlow's message; the tensor stays where it was.
 */
export async function moveTensorLater(
  api: CApi,
  { context, device, describeMemory }: Place,
  tensor: NativeTensor,
): Promise<void> {
  const status = new Status(api);
  // Native memory: TensorFlow's thread reads it also where a worker, and all that
  // JavaScript owns there, ended meanwhile.
  const text = api.TF_AllocateTensor(
    TF.UINT8,
    BigInt64Array.of(BigInt(device.length)),
    1,
    BigInt(device.length),
  )!;
  const name = api.TF_TensorData(text)!;
  new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(name, device.length))
    .set(device);
  // Who moves it meanwhile deletes its handle.
  const own = api.TFE_TensorHandleCopySharingTensor(
    tensor.handle,
    status.pointer,
  );
  try {
    status.check("share a tensor");
    const there = await api.moveOffThread(own, context, name, status.pointer);
    status.check(moving(tensor), describeMemory);
    if (tensor.waits) arrive(api, tensor, there!);
    else api.TFE_DeleteTensorHandle(there);
  } finally {
    if (own !== null) api.TFE_DeleteTensorHandle(own);
    api.TF_DeleteTensor(text);
    status.delete();
  }
}

function arrive(api: CApi, tensor: NativeTensor, there: Pointer): void {
  api.TFE_DeleteTensorHandle(tensor.handle);
  tensor.handle = there;
  tensor.waits = false;
}

function moving({ shape }: NativeTensor): string {
  return `move a tensor of shape [${shape}] to the device`;
}
