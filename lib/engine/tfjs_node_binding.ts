import { TF } from "./data_types.ts";
import { fromHost } from "./host_values.ts";
import type { OpAttribute } from "./op_attributes.ts";
import type { Session } from "./session.ts";

/** What tfjs-node wants to know of a tensor. */
export interface TensorMetadata {
  readonly id: number;
  readonly dtype: number;
  readonly shape: number[];
}

/** An attribute as tfjs-node's kernels give it; `type` says less than the op's definition. */
type TypedAttribute = OpAttribute & { readonly type: number };

/** The native add-on of tfjs-node as far as its kernels use it. */
export type TfjsNodeBinding = ReturnType<typeof tfjsNodeBinding>;

/**
 * The object that tfjs-node's kernels call in place of its C++ add-on.
 *
 * @see https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-node/src/tfjs_binding.ts
 */
export function tfjsNodeBinding(session: Session) {
  return {
    TF_FLOAT: TF.FLOAT,
    TF_INT32: TF.INT32,
    TF_INT64: TF.INT64,
    TF_BOOL: TF.BOOL,
    TF_COMPLEX64: TF.COMPLEX64,
    TF_STRING: TF.STRING,
    TF_RESOURCE: TF.RESOURCE,
    TF_UINT8: TF.UINT8,
    TF_ATTR_STRING: 0,
    TF_ATTR_INT: 1,
    TF_ATTR_FLOAT: 2,
    TF_ATTR_BOOL: 3,
    TF_ATTR_TYPE: 4,
    TF_ATTR_SHAPE: 5,
    TF_ATTR_RESOURCE: 6,

    isUsingGpuDevice: () => session.runtime.remote,
    getNumOfTensors: () => session.tensors.size,

    createTensor(
      shape: number[],
      dtype: number,
      values: ArrayLike<number> | Uint8Array[],
    ): number {
      return session.create(dtype, shape, fromHost(dtype, values));
    },

    deleteTensor(id: number): void {
      session.delete(id);
    },

    tensorDataSync(id: number) {
      return session.runtime.download(session.native(id));
    },

    executeOp(
      name: string,
      attributes: TypedAttribute[],
      inputs: number[],
      outputCount: number,
    ): TensorMetadata[] {
      const outputs = session.execute(name, attributes, inputs, outputCount);
      return outputs.map(({ id, tensor: { dtype, shape } }) => ({
        id,
        dtype,
        shape,
      }));
    },
  };
}
