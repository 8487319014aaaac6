import type { DescribedOutput, Graph, GraphOutput } from "./graph.ts";
import type { OpAttribute } from "./op_attributes.ts";

/** What an op is replaced by needs of the recording. */
export interface XlaRecording {
  readonly graph: Graph;
  /** A constant of int32. */
  ints(values: readonly number[]): GraphOutput;
}

/**
 * Replaces an op of a graph that XLA has no kernel for by ops that it has. Of the
 * ops that networks, losses and optimizers here are made of there is none; of
 * those that a step of one's own may use, `ResizeNearestNeighborGrad`, the
 * gradient of `tf.image.resizeNearestNeighbor`, is replaced where the size is a
 * whole multiple: each cell's gradient is the sum of those of its copies.
 *
 * @param recording Where it is recorded.
 * @param name The op.
 * @param attributes Of the op.
 * @param inputs Its inputs, the first of this shape.
 * @param shape [B, H, W, C].
 * @param output What the op gives; stays unused where it is replaced.
 * @returns What stands for the output.
 * @throws {Error} If there is no replacement for these sizes, or for aligned
 * corners, which make some cells have more copies than others.
 */
export function replaceForXla(
  { graph, ints }: XlaRecording,
  name: string,
  attributes: readonly OpAttribute[],
  inputs: readonly GraphOutput[],
  shape: readonly number[],
  output: DescribedOutput,
): DescribedOutput {
  if (name !== "ResizeNearestNeighborGrad") return output;
  const isAligned = attributes.some(({ name, value }) =>
    name === "align_corners" && value === true
  );
  if (isAligned) {
    throw new Error(
      `XLA has no gradient of resizing by the nearest neighbour with aligned ` +
        `corners. Resize without alignCorners, or compile without xla`,
    );
  }
  const [, height, width] = shape;
  const [batch, h, w, channels] = output.shape!;
  const [rows, columns] = [height / h, width / w];
  if (!Number.isInteger(rows) || !Number.isInteger(columns)) {
    throw new Error(
      `XLA has no gradient of resizing ${h} x ${w} to ${height} x ${width} by ` +
        `the nearest neighbour. Resize to a whole multiple, or compile without ` +
        `xla`,
    );
  }
  const apart = graph.add(
    "Reshape",
    [],
    [inputs[0], ints([batch, h, rows, w, columns, channels])],
    1,
    () => "Reshape",
  )[0].output;
  return graph.add(
    "Sum",
    [{ name: "keep_dims", value: false }],
    [apart, ints([2, 4])],
    1,
    () => "Sum",
  )[0];
}
