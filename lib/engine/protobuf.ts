/** One field of a protocol buffer message. */
export interface Field {
  readonly number: number;
  /** The value of a varint field, else 0. */
  readonly value: number;
  /** The bytes of a length-delimited field, else empty. */
  readonly bytes: Uint8Array;
}

/**
 * Walks the fields of a serialized protocol buffer message, in order.
 *
 * Enough of the wire format to read TensorFlow's op definitions: varints (kept
 * exact up to 2^53), length-delimited fields, and fixed-width fields skipped.
 *
 * @param message The serialized message.
 * @throws {SyntaxError} If the bytes are not a message.
 * @see https://protobuf.dev/programming-guides/encoding/
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fields } from "ldlab/engine/protobuf.ts";
 *
 * // Field 1 is the number 150, field 2 the text "hi".
 * const message = new Uint8Array([0x08, 0x96, 0x01, 0x12, 2, 0x68, 0x69]);
 * const [number, text] = [...fields(message)];
 * assert.equal(number.value, 150);
 * assert.equal(new TextDecoder().decode(text.bytes), "hi");
 * ```
 */
export function* fields(message: Uint8Array): Generator<Field> {
  const empty = message.subarray(0, 0);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < message.length; scale *= 128) {
      const byte = message[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new SyntaxError("Cannot read message: it ends inside a number");
  };
  while (at < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 0) {
      yield { number, value: varint(), bytes: empty };
    } else if (wire === 1 || wire === 2 || wire === 5) {
      const length = wire === 2 ? varint() : wire === 1 ? 8 : 4;
      if (at + length > message.length) {
        throw new SyntaxError(
          `Cannot read message: field ${number} has ${length} bytes, ` +
            `${message.length - at} are left`,
        );
      }
      const bytes = message.subarray(at, at + length);
      at += length;
      yield { number, value: 0, bytes };
    } else {
      throw new SyntaxError(
        `Cannot read message: field ${number} has the wire type ${wire}`,
      );
    }
  }
}
