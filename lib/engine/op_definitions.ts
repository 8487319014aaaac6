import { type CApi, viewBuffer } from "./c_api.ts";
import { fields } from "./protobuf.ts";

/** One input or output argument of an op. */
export interface ArgumentDefinition {
  readonly name: string;
  /** The attribute that is the type of the tensor, or of all in the list. */
  readonly typeAttribute: string;
  /** The attribute that says how many tensors a homogeneous list holds. */
  readonly countAttribute: string;
  /** The attribute that lists the types of a heterogeneous list. */
  readonly typesAttribute: string;
}

/** What TensorFlow says of an op: its arguments and attributes. */
export interface OpDefinition {
  readonly name: string;
  readonly inputs: readonly ArgumentDefinition[];
  /** Whether what it gives depends on more than its inputs and attributes. */
  readonly stateful: boolean;
  /** Attribute kinds (`int`, `list(int)`, `type`, `shape` …) by name. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Attributes that follow from the inputs and need not be set. */
  readonly inferred: ReadonlySet<string>;
}

const decoder = new TextDecoder();

/**
 * The definitions of all ops of a TensorFlow library, read on demand from its
 * serialized `OpList`, so that lists, attributes and outputs of any op are
 * handled without a table kept by hand.
 *
 * @see tensorflow/core/framework/op_def.proto
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { OpDefinitions } from "ldlab/engine/op_definitions.ts";
 *
 * // OpList { op { name: "Id"; attr { name: "T"; type: "type" } } }
 * const text = new TextEncoder();
 * const field = (n: number, b: Iterable<number>) => [n * 8 + 2, [...b].length, ...b];
 * const attribute = [...field(1, text.encode("T")), ...field(2, text.encode("type"))];
 * const op = [...field(1, text.encode("Id")), ...field(4, attribute)];
 * const definitions = new OpDefinitions(new Uint8Array(field(1, op)));
 * assert.equal(definitions.get("Id").attributes.get("T"), "type");
 * assert.throws(() => definitions.get("Conv9D"), /TensorFlow has no op 'Conv9D'/);
 * ```
 */
export class OpDefinitions {
  readonly #serialized = new Map<string, Uint8Array>();
  readonly #parsed = new Map<string, OpDefinition>();

  /** @param opList A serialized `tensorflow.OpList`. */
  constructor(opList: Uint8Array) {
    for (const op of fields(opList)) {
      if (op.number !== 1) continue;
      for (const field of fields(op.bytes)) {
        if (field.number !== 1) continue;
        this.#serialized.set(decoder.decode(field.bytes), op.bytes);
        break;
      }
    }
  }

  /**
   * The definition of the op `name`.
   *
   * @throws {TypeError} If the library has no such op.
   */
  get(name: string): OpDefinition {
    let definition = this.#parsed.get(name);
    if (definition === undefined) {
      const bytes = this.#serialized.get(name);
      if (bytes === undefined) {
        throw new TypeError(
          `Cannot run op: TensorFlow has no op '${name}'. Its name may be ` +
            `misspelt, or the op needs another version of TensorFlow`,
        );
      }
      definition = parse(name, bytes);
      this.#parsed.set(name, definition);
    }
    return definition;
  }
}

/** The definitions of a loaded TensorFlow. */
export function readOpDefinitions(api: CApi): OpDefinitions {
  const list = api.TF_GetAllOpList()!;
  const { data, length } = viewBuffer(list);
  const bytes = Deno.UnsafePointerView.getArrayBuffer(data!, Number(length));
  const definitions = new OpDefinitions(new Uint8Array(bytes.slice(0)));
  api.TF_DeleteBuffer(list);
  return definitions;
}

function parse(name: string, bytes: Uint8Array): OpDefinition {
  const inputs: ArgumentDefinition[] = [];
  const attributes = new Map<string, string>();
  const inferred = new Set<string>();
  let stateful = false;
  for (const { number, value: flag, bytes: value } of fields(bytes)) {
    if (number === 17) { // OpDef.is_stateful
      stateful = flag === 1;
    } else if (number === 2) { // OpDef.input_arg
      const argument = texts(value);
      inputs.push({
        name: argument.get(1) ?? "",
        typeAttribute: argument.get(4) ?? "",
        countAttribute: argument.get(5) ?? "",
        typesAttribute: argument.get(6) ?? "",
      });
      for (const attribute of [4, 5, 6]) { // type_attr, number_attr, type_list_attr
        const inferable = argument.get(attribute);
        if (inferable) inferred.add(inferable);
      }
    } else if (number === 4) { // OpDef.attr
      const attribute = texts(value);
      attributes.set(attribute.get(1) ?? "", attribute.get(2) ?? "");
    }
  }
  return { name, inputs, stateful, attributes, inferred };
}

/** The length-delimited fields of a message, as text by field number. */
function texts(message: Uint8Array): Map<number, string> {
  const result = new Map<number, string>();
  for (const field of fields(message)) {
    if (field.bytes.length > 0) {
      result.set(field.number, decoder.decode(field.bytes));
    }
  }
  return result;
}
