import type { CApi, Pointer } from "./c_api.ts";

/** A tensor held by TensorFlow. Whoever made it deletes it. */
export interface NativeTensor {
  /** Another after the context was renewed. */
  handle: Pointer;
  readonly dtype: number;
  readonly shape: number[];
  /** Whether it is still on the host, though it is computed with elsewhere. */
  waits?: boolean;
}

/**
 * Tells what a handle holds.
 *
 * @param status A `TF_Status`.
 */
export function inspectHandle(
  api: CApi,
  handle: Pointer,
  status: Pointer,
): NativeTensor {
  const rank = api.TFE_TensorHandleNumDims(handle, status);
  const shape: number[] = new Array(rank);
  for (let i = 0; i < rank; i++) {
    shape[i] = Number(api.TFE_TensorHandleDim(handle, i, status));
  }
  return { handle, dtype: api.TFE_TensorHandleDataType(handle), shape };
}
