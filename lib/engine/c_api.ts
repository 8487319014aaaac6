/**
 * The part of TensorFlow's C API that the engine calls.
 *
 * Some functions take or return the 16-byte struct `TF_Output { operation,
 * index }` by value. On the platforms the engine supports (System V x86-64 and
 * AArch64) such a struct travels in two integer registers, exactly as a pointer
 * and an int do; it is declared so, which keeps the calls on Deno's fast path.
 *
 * The meaning of every function is documented in TensorFlow's headers
 * `tensorflow/c/c_api.h`, `tensorflow/c/eager/c_api.h`, `tensorflow/c/tf_tensor.h`.
 */
export const SYMBOLS = {
  TF_NewStatus: { parameters: [], result: "pointer" },
  TF_DeleteStatus: { parameters: ["pointer"], result: "void" },
  TF_SetStatus: { parameters: ["pointer", "i32", "buffer"], result: "void" },
  TF_GetCode: { parameters: ["pointer"], result: "i32" },
  TF_Message: { parameters: ["pointer"], result: "pointer" },
  TF_GetAllOpList: { parameters: [], result: "pointer" },
  TF_GetRegisteredKernelsForOp: {
    parameters: ["buffer", "pointer"],
    result: "pointer",
  },
  TF_NewBuffer: { parameters: [], result: "pointer" },
  TF_DeleteBuffer: { parameters: ["pointer"], result: "void" },

  TF_AllocateTensor: {
    parameters: ["i32", "buffer", "i32", "usize"],
    result: "pointer",
  },
  TF_DeleteTensor: { parameters: ["pointer"], result: "void" },
  TF_TensorData: { parameters: ["pointer"], result: "pointer" },
  TF_TensorByteSize: { parameters: ["pointer"], result: "usize" },
  TF_TensorElementCount: { parameters: ["pointer"], result: "i64" },
  TF_StringInit: { parameters: ["pointer"], result: "void" },
  TF_StringAssignView: {
    parameters: ["pointer", "pointer", "usize"],
    result: "void",
  },
  TF_StringGetDataPointer: { parameters: ["pointer"], result: "pointer" },
  TF_StringGetSize: { parameters: ["pointer"], result: "usize" },

  TFE_NewContextOptions: { parameters: [], result: "pointer" },
  TFE_ContextOptionsSetConfig: {
    parameters: ["pointer", "buffer", "usize", "pointer"],
    result: "void",
  },
  TFE_DeleteContextOptions: { parameters: ["pointer"], result: "void" },
  TFE_NewContext: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_DeleteContext: { parameters: ["pointer"], result: "void" },
  TFE_ContextListDevices: {
    parameters: ["pointer", "pointer"],
    result: "pointer",
  },
  TF_DeviceListCount: { parameters: ["pointer"], result: "i32" },
  TF_DeviceListType: {
    parameters: ["pointer", "i32", "pointer"],
    result: "pointer",
  },
  TF_DeviceListName: {
    parameters: ["pointer", "i32", "pointer"],
    result: "pointer",
  },
  TF_DeviceListMemoryBytes: {
    parameters: ["pointer", "i32", "pointer"],
    result: "i64",
  },
  TF_DeleteDeviceList: { parameters: ["pointer"], result: "void" },
  TFE_ContextAddFunction: {
    parameters: ["pointer", "pointer", "pointer"],
    result: "void",
  },
  TFE_ContextRemoveFunction: {
    parameters: ["pointer", "buffer", "pointer"],
    result: "void",
  },
  TFE_ContextGetFunctionDef: {
    parameters: ["pointer", "buffer", "pointer", "pointer"],
    result: "void",
  },
  TFE_ContextAddFunctionDef: {
    parameters: ["pointer", "pointer", "usize", "pointer"],
    result: "void",
  },

  TFE_ContextEnableGraphCollection: {
    parameters: ["pointer"],
    result: "void",
  },
  TFE_ContextDisableGraphCollection: {
    parameters: ["pointer"],
    result: "void",
  },
  TFE_ContextExportRunMetadata: {
    parameters: ["pointer", "pointer", "pointer"],
    result: "void",
  },

  TFE_NewTensorHandle: {
    parameters: ["pointer", "pointer"],
    result: "pointer",
  },
  TFE_DeleteTensorHandle: { parameters: ["pointer"], result: "void" },
  TFE_TensorHandleCopySharingTensor: {
    parameters: ["pointer", "pointer"],
    result: "pointer",
  },
  TFE_TensorHandleResolve: {
    parameters: ["pointer", "pointer"],
    result: "pointer",
  },
  resolveOffThread: {
    name: "TFE_TensorHandleResolve",
    parameters: ["pointer", "pointer"],
    result: "pointer",
    nonblocking: true,
  },
  TFE_TensorHandleCopyToDevice: {
    parameters: ["pointer", "pointer", "buffer", "pointer"],
    result: "pointer",
  },
  TFE_TensorHandleDeviceName: {
    parameters: ["pointer", "pointer"],
    result: "pointer",
  },
  TFE_TensorHandleNumDims: {
    parameters: ["pointer", "pointer"],
    result: "i32",
  },
  TFE_TensorHandleDim: {
    parameters: ["pointer", "i32", "pointer"],
    result: "i64",
  },
  TFE_TensorHandleDataType: { parameters: ["pointer"], result: "i32" },

  TFE_NewOp: {
    parameters: ["pointer", "buffer", "pointer"],
    result: "pointer",
  },
  TFE_DeleteOp: { parameters: ["pointer"], result: "void" },
  TFE_OpSetDevice: {
    parameters: ["pointer", "buffer", "pointer"],
    result: "void",
  },
  TFE_OpAddInput: {
    parameters: ["pointer", "pointer", "pointer"],
    result: "void",
  },
  TFE_OpSetAttrType: {
    parameters: ["pointer", "buffer", "i32"],
    result: "void",
  },
  TFE_OpSetAttrTypeList: {
    parameters: ["pointer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TFE_OpSetAttrInt: {
    parameters: ["pointer", "buffer", "i64"],
    result: "void",
  },
  TFE_OpSetAttrIntList: {
    parameters: ["pointer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TFE_OpSetAttrFloat: {
    parameters: ["pointer", "buffer", "f32"],
    result: "void",
  },
  TFE_OpSetAttrFloatList: {
    parameters: ["pointer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TFE_OpSetAttrBool: {
    parameters: ["pointer", "buffer", "u8"],
    result: "void",
  },
  TFE_OpSetAttrBoolList: {
    parameters: ["pointer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TFE_OpSetAttrString: {
    parameters: ["pointer", "buffer", "buffer", "usize"],
    result: "void",
  },
  TFE_OpSetAttrStringList: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TFE_OpSetAttrShape: {
    parameters: ["pointer", "buffer", "buffer", "i32", "pointer"],
    result: "void",
  },
  TFE_OpSetAttrShapeList: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "i32", "pointer"],
    result: "void",
  },
  TFE_OpSetAttrTensor: {
    parameters: ["pointer", "buffer", "pointer", "pointer"],
    result: "void",
  },
  TFE_Execute: {
    parameters: ["pointer", "buffer", "buffer", "pointer"],
    result: "void",
  },
  moveOffThread: {
    name: "TFE_TensorHandleCopyToDevice",
    parameters: ["pointer", "pointer", "pointer", "pointer"],
    result: "pointer",
    nonblocking: true,
  },
  executeOffThread: {
    name: "TFE_Execute",
    parameters: ["pointer", "pointer", "pointer", "pointer"],
    result: "void",
    nonblocking: true,
  },

  TF_NewGraph: { parameters: [], result: "pointer" },
  TF_DeleteGraph: { parameters: ["pointer"], result: "void" },
  TF_NewOperation: {
    parameters: ["pointer", "buffer", "buffer"],
    result: "pointer",
  },
  TF_FinishOperation: { parameters: ["pointer", "pointer"], result: "pointer" },
  TF_AddInput: { parameters: ["pointer", "pointer", "i32"], result: "void" },
  TF_AddInputList: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TF_SetAttrType: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TF_SetAttrTypeList: {
    parameters: ["pointer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TF_SetAttrInt: { parameters: ["pointer", "buffer", "i64"], result: "void" },
  TF_SetAttrIntList: {
    parameters: ["pointer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TF_SetAttrFloat: { parameters: ["pointer", "buffer", "f32"], result: "void" },
  TF_SetAttrFloatList: {
    parameters: ["pointer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TF_SetAttrBool: { parameters: ["pointer", "buffer", "u8"], result: "void" },
  TF_SetAttrBoolList: {
    parameters: ["pointer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TF_SetAttrString: {
    parameters: ["pointer", "buffer", "buffer", "usize"],
    result: "void",
  },
  TF_SetAttrStringList: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TF_SetAttrShape: {
    parameters: ["pointer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TF_SetAttrShapeList: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TF_SetAttrTensor: {
    parameters: ["pointer", "buffer", "pointer", "pointer"],
    result: "void",
  },
  TF_OperationOutputType: { parameters: ["pointer", "i32"], result: "i32" },
  TF_GraphGetTensorNumDims: {
    parameters: ["pointer", "pointer", "i32", "pointer"],
    result: "i32",
  },
  TF_GraphGetTensorShape: {
    parameters: ["pointer", "pointer", "i32", "buffer", "i32", "pointer"],
    result: "void",
  },
  TF_GraphToFunction: {
    parameters: [
      "pointer",
      "buffer",
      "u8",
      "i32",
      "buffer",
      "i32",
      "buffer",
      "i32",
      "buffer",
      "pointer",
      "pointer",
      "pointer",
      "pointer",
    ],
    result: "pointer",
  },
  TF_DeleteFunction: { parameters: ["pointer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** TensorFlow's C functions, bound. */
export type CApi = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** A native pointer that is not null. */
export type Pointer = Deno.PointerObject;

const encoder = new TextEncoder();
const known = new Map<string, Uint8Array<ArrayBuffer>>();

/**
 * The null-terminated UTF-8 bytes of `text`, remembered: meant for names of
 * ops and attributes, of which there are a few hundred.
 */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  let bytes = known.get(text);
  if (bytes === undefined) {
    bytes = encoder.encode(text + "\0");
    known.set(text, bytes);
  }
  return bytes;
}

/** Where the bytes of a `TF_Buffer { data, length, deallocator }` are. */
export function viewBuffer(
  buffer: Pointer,
): { data: Deno.PointerValue; length: bigint } {
  const view = new Deno.UnsafePointerView(buffer);
  return { data: view.getPointer(0), length: view.getBigUint64(8) };
}
