/** Longest integer that is made of a pickle's digits or bytes. */
const LONGEST_INTEGER = 1024;

/**
 * What protocol 0 writes for a float.
 *
 * @throws {TypeError} If it is none.
 */
export function pickledFloat(text: string): number {
  const special: Record<string, number> = {
    "inf": Infinity,
    "-inf": -Infinity,
    "nan": NaN,
  };
  if (Object.hasOwn(special, text)) return special[text];
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    throw new TypeError(`'${text.slice(0, 40)}' is no number`);
  }
  return Number(text);
}

/**
 * An integer in decimal digits; a `bigint` beyond 2⁵³.
 *
 * @throws {TypeError} If it is none, or longer than anybody needs.
 */
export function pickledDecimal(digits: string): number | bigint {
  if (!/^[+-]?\d+$/.test(digits) || digits.length > LONGEST_INTEGER) {
    throw new TypeError(`'${digits.slice(0, 40)}' is no integer`);
  }
  return narrowed(BigInt(digits.replace("+", "")));
}

/** An integer of any length in little-endian two's complement. */
export function pickledInteger(bytes: Uint8Array): number | bigint {
  if (bytes.length > LONGEST_INTEGER) {
    throw new TypeError(`an integer of ${bytes.length} bytes`);
  }
  let value = 0n;
  for (const byte of bytes.toReversed()) value = value << 8n | BigInt(byte);
  return narrowed(BigInt.asIntN(8 * bytes.length, value));
}

function narrowed(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Text as Python 2's `repr` writes it. */
export function unquoted(text: string): string {
  const inner = /^(['"])(.*)\1$/.exec(text);
  if (!inner) throw new TypeError("a string without quotes");
  const plain: Record<string, string> = { n: "\n", r: "\r", t: "\t" };
  return inner[2].replace(
    /\\(?:x([\dA-Fa-f]{2})|(.))/g,
    (_, hex, escaped) =>
      hex ? String.fromCharCode(parseInt(hex, 16)) : plain[escaped] ?? escaped,
  );
}

/** Text in Python's raw-unicode-escape. */
export function unescaped(text: string): string {
  return text.replace(
    /\\(?:u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8}))/g,
    (_, short, long) => {
      const point = parseInt(short ?? long, 16);
      if (point > 0x10ffff) throw new TypeError(`U+${long} is no character`);
      return String.fromCodePoint(point);
    },
  );
}
