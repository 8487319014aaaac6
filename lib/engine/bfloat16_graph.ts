import { TF } from "./data_types.ts";
import { type DescribedOutput, Graph, type GraphOutput } from "./graph.ts";
import type { OpAttribute } from "./op_attributes.ts";
import type { Runtime } from "./runtime.ts";

/** What runs in bfloat16: convolutions and matrix products, with their gradients. */
const PRODUCTS = new Set([
  "Conv2D",
  "Conv2DBackpropFilter",
  "Conv2DBackpropInput",
  "Conv3D",
  "Conv3DBackpropFilterV2",
  "Conv3DBackpropInputV2",
  "DepthwiseConv2dNative",
  "DepthwiseConv2dNativeBackpropFilter",
  "DepthwiseConv2dNativeBackpropInput",
  "BatchMatMulV2",
  "Einsum",
  "MatMul",
]);
/**
 * What stands between the convolutions of a residual network, and is as exact in
 * bfloat16 as the products it works on; batch norm has its parameters and
 * statistics in float32 all the same.
 */
const FOLLOWERS = new Set([
  "Add",
  "AddV2",
  "FusedBatchNormV3",
  "FusedBatchNormGradV3",
  "Relu",
  "ReluGrad",
]);
/** Gradients of weights: used as float32, even to add them up. */
const OF_WEIGHTS = /BackpropFilter/;

/**
 * A graph whose convolutions and matrix products take and give bfloat16, 8 bits
 * of mantissa in place of 24; they add up in float32. All else is float32: an op
 * takes bfloat16 only if it merely follows products, that is if all that it works
 * on are results of products, or of such ops. So a loss, a softmax, a statistic
 * and an update of weights are float32 whatever they are made of.
 *
 * From outside, all outputs are float32: one that is not is converted where it is
 * used as such.
 */
export class Bfloat16Graph extends Graph {
  readonly #runtime: Runtime;
  /** Outputs that are bfloat16. */
  readonly #narrow = new Set<GraphOutput>();
  /** Their values as float32. */
  readonly #widened = new Map<GraphOutput, GraphOutput>();
  /** Values of float32 outputs as bfloat16. */
  readonly #narrowed = new Map<GraphOutput, GraphOutput>();

  /** As {@link Graph}. */
  constructor(runtime: Runtime, where: string) {
    super(runtime, where);
    this.#runtime = runtime;
  }

  override add(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly GraphOutput[],
    outputCount: number,
    what: () => string,
  ): DescribedOutput[] {
    const product = PRODUCTS.has(name);
    const typed = product || FOLLOWERS.has(name)
      ? this.#inputsOfTypeT(name, inputs)
      : new Set<GraphOutput>();
    const narrow = product
      ? inputs.some((input) => typed.has(input) && this.#isFloat(input))
      : typed.size > 0 && this.#narrow.isSupersetOf(typed);
    const converted = inputs.map((input) =>
      narrow && typed.has(input)
        ? this.#toBfloat16(input)
        : this.#toFloat(input)
    );
    return super.add(name, attributes, converted, outputCount, what)
      .map((described) => {
        const { output, dtype } = described;
        if (dtype !== TF.BFLOAT16) return described;
        this.#narrow.add(output);
        return {
          ...described,
          dtype: TF.FLOAT,
          output: OF_WEIGHTS.test(name) ? this.#toFloat(output) : output,
        };
      });
  }

  override results(outputs: readonly GraphOutput[]): readonly GraphOutput[] {
    return outputs.map((output) => this.#toFloat(output));
  }

  /** The inputs whose type is the one that the op computes in. */
  #inputsOfTypeT(
    name: string,
    inputs: readonly GraphOutput[],
  ): Set<GraphOutput> {
    const definition = this.#runtime.definitions.get(name);
    return new Set(inputs.filter((_, i) => {
      const last = definition.inputs.length - 1; // Einsum's only one is a list
      return definition.inputs[Math.min(i, last)].typeAttribute === "T";
    }));
  }

  #isFloat(output: GraphOutput): boolean {
    const { operation, index } = output;
    const { api } = this.#runtime;
    return this.#narrow.has(output) ||
      api.TF_OperationOutputType(operation, index) === TF.FLOAT;
  }

  #toBfloat16(output: GraphOutput): GraphOutput {
    if (this.#narrow.has(output)) return output;
    return this.#cast(output, TF.BFLOAT16, this.#narrowed);
  }

  #toFloat(output: GraphOutput): GraphOutput {
    if (!this.#narrow.has(output)) return output;
    return this.#cast(output, TF.FLOAT, this.#widened);
  }

  /** Converts once, however often the result is used. */
  #cast(
    output: GraphOutput,
    dtype: number,
    known: Map<GraphOutput, GraphOutput>,
  ): GraphOutput {
    let cast = known.get(output);
    if (cast === undefined) {
      const attributes = [{ name: "DstT", value: dtype }];
      [{ output: cast }] = super.add(
        "Cast",
        attributes,
        [output],
        1,
        () => "Cast",
      );
      known.set(output, cast);
    }
    return cast;
  }
}
