import { type CApi, cString, viewBuffer } from "./c_api.ts";
import { fields } from "./protobuf.ts";
import { Status } from "./status.ts";

// Field numbers of kernel_def.proto.
const KERNEL = 1; // in KernelList
const DEVICE_TYPE = 2; // in KernelDef

/**
 * The kinds of device that TensorFlow has code for an op for, for example `CPU`
 * and `GPU`; of XLA's, as `XLA_CPU_JIT`, once XLA compiled something.
 *
 * @param op The op, for example `MatMul`.
 */
export function kernelDevices(api: CApi, op: string): Set<string> {
  const status = new Status(api);
  const buffer = api.TF_GetRegisteredKernelsForOp(cString(op), status.pointer);
  try {
    status.check(`list the kernels of ${op}`);
    const { data, length } = viewBuffer(buffer!);
    const bytes = length === 0n ? new Uint8Array() : new Uint8Array(
      Deno.UnsafePointerView.getArrayBuffer(data!, Number(length)),
    );
    const decoder = new TextDecoder();
    const kinds = [...fields(bytes)]
      .filter(({ number }) => number === KERNEL)
      .flatMap((kernel) => [...fields(kernel.bytes)])
      .filter(({ number }) => number === DEVICE_TYPE)
      .map((kind) => decoder.decode(kind.bytes));
    return new Set(kinds);
  } finally {
    if (buffer !== null) api.TF_DeleteBuffer(buffer);
    status.delete();
  }
}
