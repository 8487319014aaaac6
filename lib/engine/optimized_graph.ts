import { viewBuffer } from "./c_api.ts";
import { fields } from "./protobuf.ts";
import { currentSession } from "./session.ts";
import { Status } from "./status.ts";

/** A node of a graph that TensorFlow runs. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** Names of the nodes it reads, with `:1` and so on for outputs but the first. */
  readonly inputs: readonly string[];
  /** Its attributes that are types, by name: `T` is what most ops compute in. */
  readonly types: Readonly<Record<string, number>>;
}

// Field numbers of config.proto, graph.proto, node_def.proto, attr_value.proto.
const FUNCTION_GRAPHS = 4; // in RunMetadata
const POST_OPTIMIZATION_GRAPH = 3; // in RunMetadata.FunctionGraphs
const NODE = 1; // in GraphDef
const NODE_DEF = { name: 1, op: 2, input: 3, attributes: 5 };
const TYPE = 6; // in AttrValue

const decoder = new TextDecoder();

/**
 * Tells what TensorFlow makes of compiled steps: their graphs after its own
 * rewriting. Use it to see what is fused, what is left out, and what each op
 * computes in.
 *
 * @param run Calls compiled steps; those called for the first time are told.
 * @returns The nodes of each step's graph, in the order of the calls; before
 * them, in a graph of their own, those that only run when variables changed
 * which the step does not assign.
 * @throws {Error} If the engine does not run on TensorFlow, or with TensorFlow's
 * message.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { compile, openEngine } from "ldlab/engine/mod.ts";
 * import { optimizedGraphs } from "ldlab/engine/optimized_graph.ts";
 *
 * await openEngine();
 * const double = compile(({ x }: { x: tf.Scalar }) => ({ y: tf.add(x, x) }));
 * const [nodes] = await optimizedGraphs(() => double({ x: tf.scalar(1) }));
 * assert.ok(nodes.some(({ op, types }) => op.startsWith("Add") && types.T === 1));
 * ```
 */
export async function optimizedGraphs(
  run: () => Promise<unknown>,
): Promise<GraphNode[][]> {
  const session = currentSession();
  if (session === null) {
    throw new Error(
      "Cannot tell the graph: the engine does not run on TensorFlow",
    );
  }
  await session.inTurn(() => Promise.resolve()); // renews the context if due
  const { runtime } = session;
  const { api } = runtime;
  const status = new Status(api);
  const buffer = api.TF_NewBuffer();
  api.TFE_ContextEnableGraphCollection(runtime.context);
  try {
    await run();
    const { context } = runtime; // may be another one
    api.TFE_ContextExportRunMetadata(context, buffer, status.pointer);
    status.check("tell the graph");
    const { data, length } = viewBuffer(buffer!);
    if (data === null) return [];
    const metadata = Deno.UnsafePointerView.getArrayBuffer(
      data,
      Number(length),
    );
    return parts(new Uint8Array(metadata.slice(0)), FUNCTION_GRAPHS)
      .flatMap((graphs) => parts(graphs, POST_OPTIMIZATION_GRAPH))
      .map((graph) => parts(graph, NODE).map(readNode));
  } finally {
    api.TFE_ContextDisableGraphCollection(runtime.context);
    api.TF_DeleteBuffer(buffer);
    status.delete();
  }
}

function readNode(node: Uint8Array): GraphNode {
  const [name] = parts(node, NODE_DEF.name);
  const [op] = parts(node, NODE_DEF.op);
  const types: Record<string, number> = {};
  for (const entry of parts(node, NODE_DEF.attributes)) { // a map's
    const [key] = parts(entry, 1);
    for (const value of parts(entry, 2)) {
      for (const { number, value: type } of fields(value)) {
        if (number === TYPE) types[decoder.decode(key)] = type;
      }
    }
  }
  return {
    name: decoder.decode(name),
    op: decoder.decode(op),
    inputs: parts(node, NODE_DEF.input).map((input) => decoder.decode(input)),
    types,
  };
}

/** The parts of a message that are messages or strings of one field. */
function parts(message: Uint8Array, field: number): Uint8Array[] {
  return [...fields(message)].filter(({ number }) => number === field)
    .map(({ bytes }) => bytes);
}
