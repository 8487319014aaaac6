import type { AttributeValue, OpAttribute } from "./op_attributes.ts";
import type { OpDefinition } from "./op_definitions.ts";

/**
 * Splits the flat inputs of an op into its arguments: a tensor each, or an array
 * for an argument that is a list (as of `ConcatV2`, `Pack`, `AddN`).
 *
 * The length of a list comes from the op's attributes where they were given;
 * the one list whose attribute was not given takes what is left.
 *
 * @param definition The op.
 * @param attributes As given by the caller.
 * @param inputs All inputs in the definition's order.
 * @throws {TypeError} If the inputs do not fit the definition.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { groupInputs } from "ldlab/engine/op_inputs.ts";
 *
 * const concat = {
 *   name: "ConcatV2",
 *   inputs: [
 *     { name: "values", typeAttribute: "T", countAttribute: "N", typesAttribute: "" },
 *     { name: "axis", typeAttribute: "Tidx", countAttribute: "", typesAttribute: "" },
 *   ],
 *   stateful: false,
 *   attributes: new Map([["N", "int"]]),
 *   inferred: new Set(["N"]),
 * };
 * assert.deepEqual(groupInputs(concat, [], ["a", "b", "axis"]), [["a", "b"], "axis"]);
 * ```
 */
export function groupInputs<T>(
  definition: OpDefinition,
  attributes: readonly OpAttribute[],
  inputs: readonly T[],
): (T | T[])[] {
  const lists = definition.inputs.filter(isList).length;
  if (lists === 0) {
    if (inputs.length !== definition.inputs.length) {
      throw misfit(definition, inputs.length);
    }
    return inputs as T[];
  }
  const given = definition.inputs.map((argument) => {
    if (!isList(argument)) return 1;
    const value = attribute(
      attributes,
      argument.countAttribute || argument.typesAttribute,
    );
    if (value === undefined) return undefined;
    return Array.isArray(value) ? value.length : Number(value);
  });
  const unknown = given.filter((length) => length === undefined).length;
  const rest = inputs.length -
    given.reduce<number>((sum, length) => sum + (length ?? 0), 0);
  if (unknown > 1 || rest < 0 || (unknown === 0 && rest > 0)) {
    throw misfit(definition, inputs.length);
  }
  let at = 0;
  return definition.inputs.map((argument, i) => {
    if (!isList(argument)) return inputs[at++];
    const length = given[i] ?? rest;
    at += length;
    return inputs.slice(at - length, at);
  });
}

/**
 * The attributes that follow from the inputs of an op with lists.
 *
 * TensorFlow's eager runtime infers them from the wrong inputs where a list comes
 * after another (it takes the number of the argument for that of the tensor), so
 * that they are better set.
 *
 * @param definition The op.
 * @param groups Its inputs as {@link groupInputs} gives them.
 * @returns None for an empty list: its types are unknown.
 */
export function inferAttributes(
  definition: OpDefinition,
  groups: readonly (Typed | readonly Typed[])[],
): OpAttribute[] {
  return definition.inputs.flatMap((argument, i) => {
    const tensors = [groups[i]].flat() as Typed[];
    if (tensors.length === 0) return [];
    const { typeAttribute, countAttribute, typesAttribute } = argument;
    return [
      { name: typeAttribute, value: tensors[0].dtype },
      { name: countAttribute, value: tensors.length },
      { name: typesAttribute, value: tensors.map(({ dtype }) => dtype) },
    ].filter(({ name }) => name !== "");
  });
}

interface Typed {
  readonly dtype: number;
}

function isList(
  argument: { countAttribute: string; typesAttribute: string },
): boolean {
  return argument.countAttribute !== "" || argument.typesAttribute !== "";
}

function attribute(
  attributes: readonly OpAttribute[],
  name: string,
): AttributeValue | undefined {
  return attributes.find((candidate) => candidate.name === name)?.value;
}

function misfit(definition: OpDefinition, count: number): TypeError {
  const expected = definition.inputs
    .map((argument) => isList(argument) ? `${argument.name}…` : argument.name)
    .join(", ");
  return new TypeError(
    `Cannot run ${definition.name}: it takes (${expected}), ` +
      `current number of inputs is ${count}`,
  );
}
