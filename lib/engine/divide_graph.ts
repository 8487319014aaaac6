import type { Pointer } from "./c_api.ts";
import type { GraphOutput, RecordedNode } from "./graph.ts";

/** Nodes of a graph that become a function. */
export interface GraphPart {
  readonly operations: readonly Pointer[];
  /** All that its nodes use, from within and without, and what it gives. */
  readonly uses: ReadonlySet<GraphOutput>;
}

/** A graph divided by when its nodes have to run. */
export interface DividedGraph {
  /** What follows from lasting values alone; runs when they changed. */
  readonly lasting: GraphPart & { readonly outputs: readonly GraphOutput[] };
  /** All else; takes the results of `lasting` among its inputs. */
  readonly rest: GraphPart;
}

/**
 * Divides a graph into what follows from values that seldom change, such as the
 * weights of a frozen network, and what does not. Nodes that nothing needs are in
 * neither part; constants are where they are used.
 *
 * @param nodes All nodes but placeholders, in an order in which they can run.
 * @param changing Placeholders whose values change from run to run.
 * @param lasting Placeholders whose values seldom change.
 * @param outputs What the graph gives.
 */
export function divideGraph(
  nodes: readonly RecordedNode[],
  changing: readonly GraphOutput[],
  lasting: readonly GraphOutput[],
  outputs: readonly GraphOutput[],
): DividedGraph {
  const changes = new Set(changing);
  const lasts = new Set(lasting);
  for (const { inputs, outputs } of nodes) {
    const kind = inputs.some((input) => changes.has(input))
      ? changes
      : inputs.some((input) => lasts.has(input))
      ? lasts
      : undefined; // follows from constants
    outputs.forEach((output) => kind?.add(output));
  }
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const rest = neededFor(outputs, nodes, lasts);
  const results = [...rest.uses]
    .filter((output) => lasts.has(output) && made.has(output));
  const early = neededFor(results, nodes, new Set());
  return { rest, lasting: { ...early, outputs: results } };
}

/** What it takes to get some outputs where others are given. */
function neededFor(
  outputs: readonly GraphOutput[],
  nodes: readonly RecordedNode[],
  given: ReadonlySet<GraphOutput>,
): GraphPart {
  const uses = new Set(outputs);
  const operations: Pointer[] = [];
  for (const node of nodes.toReversed()) {
    const needed = node.outputs.some((output) =>
      uses.has(output) && !given.has(output)
    );
    if (!needed) continue;
    operations.push(node.operation);
    node.inputs.forEach((input) => uses.add(input));
  }
  return { operations: operations.reverse(), uses };
}
