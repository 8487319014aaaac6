import * as tf from "@tensorflow/tfjs-core";
import { TF } from "./data_types.ts";
import { fromHost } from "./host_values.ts";
import type { LiveTensor } from "./live_memory.ts";
import type { Recording } from "./recording.ts";
import type { Session } from "./session.ts";
import { atLine, callSite } from "./source_line.ts";
import { isNative, isSymbolic } from "./tensor_store.ts";
import {
  loadTfjsNode,
  type NodeBackend,
  type TensorEntry,
} from "./tfjs_node.ts";
import { type TensorMetadata, tfjsNodeBinding } from "./tfjs_node_binding.ts";

/**
 * Elements from which on values are uploaded at once and not at first use, so that
 * a network's first weights are not twice in memory.
 */
const LARGE = 4096;

/** A tensor's entry, with the recording during which its values came from the host. */
type Entry = TensorEntry & { madeIn?: Recording | null };

/** The tfjs backend on a session. */
export interface TensorflowBackend extends NodeBackend {
  /** The tensor's number in the store; uploads values that wait on the host. */
  idOf(tensor: tf.TensorInfo): number;
  /** The tensors that have values, variables by their names. */
  live(): LiveTensor[];
}

/**
 * tfjs-node's backend with what it lacks: reads that do not block, host values
 * that are told apart by whether they are older than the recording, and int64 and
 * uint8 outputs as int32.
 */
export function tensorflowBackend(session: Session): TensorflowBackend {
  const NodeJSKernelBackend = loadTfjsNode();

  class Backend extends NodeJSKernelBackend implements TensorflowBackend {
    constructor() {
      super(tfjsNodeBinding(session), "ldlab");
    }

    override move(
      dataId: tf.DataId,
      values: tf.backend_util.BackendValues,
      shape: number[],
      dtype: tf.DataType,
      refCount: number,
    ): void {
      super.move(dataId, values, shape, dtype, refCount);
      const entry = this.#entry(dataId);
      entry.madeIn = session.recording;
      if (session.recording === null && values.length >= LARGE) {
        this.#upload(entry);
      }
    }

    idOf(tensor: tf.TensorInfo): number {
      const entry = this.#entry(tensor.dataId);
      if (entry.values !== null) this.#upload(entry);
      return entry.id;
    }

    live(): LiveTensor[] {
      const names = new Map<number, string>();
      const { registeredVariables } = tf.engine().state;
      for (const { dataId, name } of Object.values(registeredVariables)) {
        if (this.tensorMap.has(dataId)) {
          names.set(this.tensorMap.get(dataId).id, name);
        }
      }
      return [...session.tensors.entries()].flatMap(([id, tensor]) =>
        isNative(tensor) ? [{ ...tensor, name: names.get(id) }] : []
      );
    }

    #upload(entry: Entry): void {
      const { dtype, shape } = entry;
      const values = fromHost(dtype, entry.values!);
      // Values older than the recording are not constants of the step.
      entry.id = entry.madeIn === session.recording
        ? session.create(dtype, shape, values)
        : session.upload(dtype, shape, values);
      entry.values = null;
    }

    override incRef(dataId: tf.DataId): void {
      this.#entry(dataId).refCount++;
    }

    override getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[] {
      return tensors.map((tensor) => this.idOf(tensor));
    }

    override createOutputTensor(metadata: TensorMetadata): tf.Tensor {
      const { id, dtype } = metadata;
      if (dtype !== TF.INT64 && dtype !== TF.UINT8) {
        return super.createOutputTensor(metadata);
      }
      // tfjs has neither type: its kernels would take the bytes for int32.
      const [{ id: castId, tensor }] = session.execute(
        "Cast",
        [{ name: "DstT", value: TF.INT32 }],
        [id],
        1,
      );
      session.delete(id);
      const { shape } = tensor;
      return super.createOutputTensor({ id: castId, dtype: TF.INT32, shape });
    }

    override read(dataId: tf.DataId): Promise<tf.backend_util.BackendValues> {
      try {
        const entry = this.#readable(dataId);
        return entry.values !== null
          ? Promise.resolve(entry.values as tf.backend_util.BackendValues)
          : session.read(entry.id) as Promise<tf.backend_util.BackendValues>;
      } catch (error) {
        return Promise.reject(error);
      }
    }

    override readSync(dataId: tf.DataId): tf.backend_util.BackendValues {
      const entry = this.#readable(dataId);
      return (entry.values ??
        session.runtime.download(
          session.native(entry.id),
        )) as tf.backend_util.BackendValues;
    }

    override memory(): { unreliable: boolean } {
      return { unreliable: false };
    }

    #entry(dataId: tf.DataId): Entry {
      try {
        return this.tensorMap.get(dataId); // brings it from another backend
      } catch (cause) {
        const { registeredVariables, tensorInfo } = tf.engine().state;
        if (!tensorInfo.has(dataId)) {
          throw new Error("Cannot use tensor: it was disposed");
        }
        const variable = Object.values(registeredVariables)
          .find((variable) => variable.dataId === dataId);
        throw new Error(
          `Cannot use ${
            variable ? `variable '${variable.name}'` : "tensor"
          }: ` +
            `its values are of an engine that was closed, or whose values ` +
            `cannot be read at once. Make it anew on the open engine`,
          { cause },
        );
      }
    }

    /** Refuses a read that would freeze a value, or has none to read. */
    #readable(dataId: tf.DataId): Entry {
      if (!this.tensorMap.has(dataId)) {
        throw new Error("Cannot read tensor: it was disposed");
      }
      const entry = this.#entry(dataId);
      const { recording } = session;
      if (recording === null) return entry;
      if (entry.values !== null && entry.madeIn === recording) return entry;
      const stored = entry.values === null
        ? session.tensors.get(entry.id)
        : undefined;
      const what = stored !== undefined && isSymbolic(stored)
        ? `the output of ${stored.op}`
        : "a tensor older than the step";
      throw new Error(
        `Cannot record step '${recording.step}': it reads ${what} of shape ` +
          `[${entry.shape}] on the host (data, dataSync, array, arraySync, ` +
          `print). A step is recorded without values: compute with tensors, ` +
          `or read outside of the step${atLine(callSite())}`,
      );
    }
  }

  return new Backend();
}

/** The TensorFlow backend, if tfjs runs on it. */
export function activeBackend(): TensorflowBackend {
  return tf.backend() as TensorflowBackend;
}
