import { type CApi, cString, type Pointer } from "./c_api.ts";
import type { OpDefinition } from "./op_definitions.ts";

/** A value of an op's attribute; which form fits is in the op's definition. */
export type AttributeValue =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | null
  | Pointer
  | readonly AttributeValue[];

/** An attribute to set on an op. */
export interface OpAttribute {
  readonly name: string;
  readonly value: AttributeValue;
}

/** A shape whose size along some axes, or whose rank (null), is unknown. */
type Shape = readonly number[] | null;

/** Sets one attribute on an op under construction, whatever its kind. */
export type SetAttribute = (
  target: Pointer,
  definition: OpDefinition,
  attribute: OpAttribute,
) => void;

const encoder = new TextEncoder();

function bytesOf(value: AttributeValue): Uint8Array<ArrayBuffer> {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  return bytes as Uint8Array<ArrayBuffer>;
}

/** tfjs passes fractions for some whole numbers: the seed of tf.multinomial(). */
function long(value: AttributeValue): bigint {
  return typeof value === "number"
    ? BigInt(Math.trunc(value))
    : value as bigint;
}

function longs(values: readonly AttributeValue[]): BigInt64Array<ArrayBuffer> {
  // An empty typed array has no address to pass; one unused element does.
  const result = new BigInt64Array(Math.max(values.length, 1));
  values.forEach((value, i) => result[i] = long(value));
  return result;
}

/** Addresses of the chunks, and the chunks themselves to keep them alive. */
function addresses(chunks: readonly (ArrayBufferView<ArrayBuffer>)[]) {
  const result = new BigUint64Array(Math.max(chunks.length, 1));
  chunks.forEach((chunk, i) => {
    result[i] = chunk.byteLength === 0
      ? 0n
      : Deno.UnsafePointer.value(Deno.UnsafePointer.of(chunk));
  });
  return result;
}

/**
 * The attribute setter for ops that run at once (`eager`) or for nodes of a
 * graph (`graph`): TensorFlow has the same family of functions for both.
 *
 * @param api TensorFlow's functions.
 * @param family Which family.
 * @param status Given to the setters that report errors.
 */
export function attributeSetter(
  api: CApi,
  family: "eager" | "graph",
  status: Pointer,
): SetAttribute {
  const eager = family === "eager";
  const setType = eager ? api.TFE_OpSetAttrType : api.TF_SetAttrType;
  const setTypes = eager ? api.TFE_OpSetAttrTypeList : api.TF_SetAttrTypeList;
  const setInt = eager ? api.TFE_OpSetAttrInt : api.TF_SetAttrInt;
  const setInts = eager ? api.TFE_OpSetAttrIntList : api.TF_SetAttrIntList;
  const setFloat = eager ? api.TFE_OpSetAttrFloat : api.TF_SetAttrFloat;
  const setFloats = eager
    ? api.TFE_OpSetAttrFloatList
    : api.TF_SetAttrFloatList;
  const setBool = eager ? api.TFE_OpSetAttrBool : api.TF_SetAttrBool;
  const setBools = eager ? api.TFE_OpSetAttrBoolList : api.TF_SetAttrBoolList;
  const setString = eager ? api.TFE_OpSetAttrString : api.TF_SetAttrString;
  const setStrings = eager
    ? api.TFE_OpSetAttrStringList
    : api.TF_SetAttrStringList;
  const setTensor = eager ? api.TFE_OpSetAttrTensor : api.TF_SetAttrTensor;

  const setShape = (op: Pointer, name: Name, shape: Shape) => {
    const [dims, rank] = [longs(shape ?? []), shape?.length ?? -1];
    if (eager) api.TFE_OpSetAttrShape(op, name, dims, rank, status);
    else api.TF_SetAttrShape(op, name, dims, rank);
  };
  const setShapes = (op: Pointer, name: Name, shapes: readonly Shape[]) => {
    const dims = shapes.map((shape) => longs(shape ?? []));
    const ranks = new Int32Array(Math.max(shapes.length, 1));
    shapes.forEach((shape, i) => ranks[i] = shape?.length ?? -1);
    const at = addresses(dims);
    const count = shapes.length;
    if (eager) api.TFE_OpSetAttrShapeList(op, name, at, ranks, count, status);
    else api.TF_SetAttrShapeList(op, name, at, ranks, count);
  };

  const set: SetAttribute = (op, definition, { name, value }) => {
    const kind = definition.attributes.get(name) ?? privateKind(name, value);
    const key = cString(name);
    const list = value as readonly AttributeValue[];
    switch (kind) {
      case "type":
        return setType(op, key, value as number);
      case "int":
        return setInt(op, key, long(value));
      case "float":
        return setFloat(op, key, value as number);
      case "bool":
        return setBool(op, key, value ? 1 : 0);
      case "string": {
        const bytes = bytesOf(value);
        return setString(op, key, bytes, BigInt(bytes.length));
      }
      case "shape":
        return setShape(op, key, value as Shape);
      case "tensor":
        return setTensor(op, key, value as Pointer, status);
      case "list(type)":
        return setTypes(
          op,
          key,
          Int32Array.from(list as number[]),
          list.length,
        );
      case "list(int)":
        return setInts(op, key, longs(list), list.length);
      case "list(float)":
        return setFloats(
          op,
          key,
          Float32Array.from(list as number[]),
          list.length,
        );
      case "list(bool)":
        return setBools(
          op,
          key,
          Uint8Array.from(list, (v) => v ? 1 : 0),
          list.length,
        );
      case "list(string)": {
        const chunks = list.map(bytesOf);
        const lengths = new BigUint64Array(Math.max(chunks.length, 1));
        chunks.forEach((chunk, i) => lengths[i] = BigInt(chunk.length));
        return setStrings(op, key, addresses(chunks), lengths, list.length);
      }
      case "list(shape)":
        return setShapes(op, key, value as readonly Shape[]);
      default:
        throw new TypeError(
          kind === undefined
            ? `there is none, only ${
              [...definition.attributes.keys()].join(", ")
            }`
            : `it is of kind ${kind}, and ops that call functions cannot be ` +
              `run. Use ops without such attributes`,
        );
    }
  };
  return (op, definition, attribute) => {
    try {
      set(op, definition, attribute);
    } catch (cause) {
      throw new TypeError(
        `Cannot set attribute '${attribute.name}' of ${definition.name}: ` +
          `${(cause as Error).message}`,
        { cause },
      );
    }
  };
}

type Name = Uint8Array<ArrayBuffer>;

/** Attributes that start with `_` are hints outside of the op's definition. */
function privateKind(name: string, value: AttributeValue): string | undefined {
  if (!name.startsWith("_")) return undefined;
  return typeof value === "boolean" ? "bool" : "string";
}
