import type { ByteCursor } from "./byte_cursor.ts";
import { latin1Text } from "./latin1.ts";
import {
  pickledDecimal,
  pickledFloat,
  pickledInteger,
  unescaped,
  unquoted,
} from "./pickle_literals.ts";

/**
 * The number, text, bytes or constant that an opcode puts on the stack.
 *
 * @param code The opcode, of which the cursor is behind.
 * @param cursor Where the opcode's argument is.
 * @returns The value; undefined if the opcode does something else.
 * @throws {TypeError} If the argument is malformed.
 */
export function readAtom(code: number, cursor: ByteCursor): unknown {
  // Letters are opcodes of protocols 0 and 1 and some of 2 and 3.
  switch (code < 0x80 ? String.fromCharCode(code) : code) {
    // Numbers and constants
    case "N":
      return null;
    case 0x88:
      return true;
    case 0x89:
      return false;
    case "I": {
      const text = cursor.line();
      const truth = { "00": false, "01": true }[text];
      return truth ?? pickledDecimal(text);
    }
    case "L":
      return pickledDecimal(cursor.line().replace(/L$/, ""));
    case "J":
      return cursor.int32();
    case "K":
      return cursor.uint8();
    case "M":
      return cursor.uint16();
    case 0x8a:
      return pickledInteger(cursor.take(cursor.uint8()));
    case 0x8b:
      return pickledInteger(cursor.take(cursor.int32()));
    case "F":
      return pickledFloat(cursor.line());
    case "G":
      return cursor.float64();

    // Text and bytes
    case "S":
      return unquoted(cursor.line());
    case "T":
      return latin1Text(cursor.take(cursor.int32()));
    case "U":
      return latin1Text(cursor.take(cursor.uint8()));
    case "V":
      return unescaped(cursor.line());
    case "X":
      return cursor.text(cursor.uint32());
    case 0x8c:
      return cursor.text(cursor.uint8());
    case 0x8d:
      return cursor.text(cursor.uint64());
    case "B":
      return cursor.take(cursor.uint32()).slice();
    case "C":
      return cursor.take(cursor.uint8()).slice();
    case 0x8e:
    case 0x96:
      return cursor.take(cursor.uint64()).slice();
  }
}
