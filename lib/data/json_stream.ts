/** Puts bytes into the front of an array; gives their number, null at the end. */
export type ReadBytes = (into: Uint8Array) => number | null;

/** What a JSON value is, seen from its first byte. */
export type JsonKind =
  | "object"
  | "array"
  | "string"
  | "number"
  | "boolean"
  | "null";

const CHUNK_BYTES = 2 ** 18;
/** A string or number to be kept may be as long as this. */
const LONGEST_BYTES = 2 ** 24;
/** Up to here a decimal fraction is one exact division. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, at) => 10 ** at);

const [QUOTE, BACKSLASH, MINUS, ZERO, NINE] = codes('"\\-09');
const [COMMA, COLON, POINT, PLUS, LOWER_E, UPPER_E] = codes(",:.+eE");
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = codes("{}[]");
const [LOWER_U, UPPER_I, UPPER_N] = codes("uIN");
const ESCAPED = new Set(codes('"\\/bfnrtu'));
const HEX = new Set(codes("0123456789abcdefABCDEF"));
const LITERALS: Record<string, boolean | null> = {
  true: true,
  false: false,
  null: null,
};

function codes(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

/**
 * Reads JSON from bytes piece by piece: the caller asks for what should come
 * next, and skips what it does not want.
 *
 * Use it for files that are too long for a string or for `JSON.parse`. At any
 * time it holds one chunk of 256 KiB, or the string or number being read, up to
 * 16 MiB; skipped values may be of any length and depth. It takes what
 * `JSON.parse` takes, in UTF-8, and further the numbers `NaN`, `Infinity` and
 * `-Infinity`, which Python writes, for the caller to judge.
 *
 * Every method throws a SyntaxError, which names the byte, where the text goes
 * on otherwise.
 *
 * @see RFC 8259.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { JsonStream } from "ldlab/data/json_stream.ts";
 *
 * const bytes = [...new TextEncoder().encode('{"skipped": [[1, 2]], "id": 7}')];
 * const json = new JsonStream((into) => {
 *   const chunk = bytes.splice(0, 5);
 *   into.set(chunk);
 *   return chunk.length;
 * });
 * json.enterObject();
 * for (let key; (key = json.nextKey()) !== undefined;) {
 *   if (key === "id") assert.equal(json.readNumber(), 7);
 *   else json.skip();
 * }
 * json.end();
 * ```
 */
export class JsonStream {
  readonly #read: ReadBytes;
  #bytes = new Uint8Array(CHUNK_BYTES);
  #at = 0;
  #end = 0;
  /** Where the string or number to be kept starts; -1 without one. */
  #mark = -1;
  /** Bytes of the text before `#bytes`. */
  #before = 0;
  /** An object or array was entered and nothing read of it. */
  #fresh = false;

  readonly #explain: (problem: string) => string;

  /**
   * @param read Where the bytes come from.
   * @param explain Makes an error's message of what is wrong where; adds the
   * file, for example.
   */
  constructor(
    read: ReadBytes,
    explain: (problem: string) => string = (problem) => problem,
  ) {
    this.#read = read;
    this.#explain = explain;
    const mark = [0xef, 0xbb, 0xbf]; // byte order mark
    if (this.#byte() === mark[0]) {
      for (const byte of mark) {
        this.#expect(byte);
      }
    }
  }

  /** What the next value is. */
  kind(): JsonKind {
    const byte = this.#peek();
    if (byte === OPEN_OBJECT) return "object";
    if (byte === OPEN_ARRAY) return "array";
    if (byte === QUOTE) return "string";
    if (
      byte === MINUS || isDigit(byte) || byte === UPPER_N || byte === UPPER_I
    ) {
      return "number";
    }
    for (const word of Object.keys(LITERALS)) {
      if (byte === word.charCodeAt(0)) {
        return word === "null" ? "null" : "boolean";
      }
    }
    throw this.#unexpected("a value");
  }

  /** Goes into an object; `nextKey` gives its keys. */
  enterObject(): void {
    this.#peek();
    this.#expect(OPEN_OBJECT);
    this.#fresh = true;
  }

  /** The next key of the object, whose value is next; undefined at its end. */
  nextKey(): string | undefined {
    return this.#next(CLOSE_OBJECT) ? this.#key(true) : undefined;
  }

  /** Goes into an array; `nextItem` walks through it. */
  enterArray(): void {
    this.#peek();
    this.#expect(OPEN_ARRAY);
    this.#fresh = true;
  }

  /** Whether the array has a further item, which is next. */
  nextItem(): boolean {
    return this.#next(CLOSE_ARRAY);
  }

  /** Reads a string. */
  readString(): string {
    this.#peek();
    return this.#string(true);
  }

  /** Reads a number, which may be NaN or infinite. */
  readNumber(): number {
    const first = this.#peek();
    this.#mark = this.#at;
    const negative = first === MINUS;
    if (negative) this.#at++;
    const start = this.#byte();
    if (start === UPPER_N && !negative) return this.#word("NaN", NaN);
    if (start === UPPER_I) {
      return this.#word("Infinity", negative ? -Infinity : Infinity);
    }
    let value = 0;
    let digits = 0;
    let decimals = 0;
    if (start === ZERO) this.#at++;
    else {
      value = this.#digits(0);
      digits = this.#digitsRead;
    }
    if (this.#byte() === POINT) {
      this.#at++;
      value = this.#digits(value);
      decimals = this.#digitsRead;
    }
    let exact = digits + decimals <= EXACT_DIGITS;
    if (this.#byte() === LOWER_E || this.#byte() === UPPER_E) {
      exact = false;
      this.#at++;
      if (this.#byte() === PLUS || this.#byte() === MINUS) this.#at++;
      this.#digits(0);
    }
    if (!exact) value = Math.abs(Number(this.#ascii(this.#mark, this.#at)));
    else if (decimals > 0) value /= POWERS[decimals];
    this.#mark = -1;
    return negative ? -value : value;
  }

  /** Reads `true`, `false` or `null`. */
  readLiteral(): boolean | null {
    const first = this.#peek();
    for (const [word, value] of Object.entries(LITERALS)) {
      if (word.charCodeAt(0) === first) return this.#word(word, value);
    }
    throw this.#unexpected("true, false or null");
  }

  /** Passes over the next value, whatever it is; keeps nothing of it. */
  skip(): void {
    const open: number[] = []; // how each object or array around closes
    for (;;) {
      const kind = this.kind();
      if (kind === "object") {
        this.enterObject();
        open.push(CLOSE_OBJECT);
      } else if (kind === "array") {
        this.enterArray();
        open.push(CLOSE_ARRAY);
      } else if (kind === "string") this.#string(false);
      else if (kind === "number") this.readNumber();
      else this.readLiteral();
      while (open.length > 0 && !this.#next(open[open.length - 1])) open.pop();
      if (open.length === 0) return;
      if (open[open.length - 1] === CLOSE_OBJECT) this.#key(false);
    }
  }

  /** Makes sure that only white space is left. */
  end(): void {
    if (this.#peek() !== -1) throw this.#unexpected("the end");
  }

  /** Whether a further member comes; else takes the end of what holds them. */
  #next(close: number): boolean {
    const byte = this.#peek();
    const fresh = this.#fresh;
    this.#fresh = false;
    if (byte === close) {
      this.#at++;
      return false;
    }
    if (fresh) return true;
    if (byte !== COMMA) {
      throw this.#unexpected(`"," or "${String.fromCharCode(close)}"`);
    }
    this.#at++;
    return true;
  }

  #key(keep: boolean): string {
    if (this.#peek() !== QUOTE) throw this.#unexpected("a key in quotes");
    const key = this.#string(keep);
    this.#peek();
    this.#expect(COLON);
    return key;
  }

  /** The string that starts here; passed over and "" where not kept. */
  #string(keep: boolean): string {
    if (keep) this.#mark = this.#at;
    this.#expect(QUOTE);
    let plain = true;
    for (let byte; (byte = this.#byte()) !== QUOTE; this.#at++) {
      if (byte < 32) throw this.#unexpected("the rest of a string");
      if (byte === BACKSLASH) {
        this.#at++;
        if (!ESCAPED.has(this.#byte())) throw this.#unexpected("an escape");
        if (this.#byte() === LOWER_U) {
          for (let digit = 0; digit < 4; digit++) {
            this.#at++;
            if (!HEX.has(this.#byte())) throw this.#unexpected("a hex digit");
          }
        }
        plain = false;
      } else if (byte > 127) plain = false;
    }
    this.#at++;
    if (!keep) return "";
    const [start, end] = [this.#mark, this.#at];
    this.#mark = -1;
    if (plain) return this.#ascii(start + 1, end - 1);
    try {
      const utf8 = new TextDecoder("utf-8", { fatal: true });
      return JSON.parse(utf8.decode(this.#bytes.subarray(start, end)));
    } catch {
      throw this.#wrong(start, "a string that is not UTF-8");
    }
  }

  #digitsRead = 0;

  /** Appends the digits that come, at least one, to a number. */
  #digits(value: number): number {
    let count = 0;
    for (let byte; isDigit(byte = this.#byte()); count++, this.#at++) {
      value = value * 10 + (byte - ZERO);
    }
    if (count === 0) throw this.#unexpected("a digit");
    this.#digitsRead = count;
    return value;
  }

  #word<T>(word: string, value: T): T {
    for (let at = 0; at < word.length; at++) this.#expect(word.charCodeAt(at));
    this.#mark = -1;
    return value;
  }

  #ascii(start: number, end: number): string {
    if (end - start > 64) {
      return new TextDecoder().decode(this.#bytes.subarray(start, end));
    }
    let text = "";
    for (let at = start; at < end; at++) {
      text += String.fromCharCode(this.#bytes[at]);
    }
    return text;
  }

  #expect(byte: number): void {
    if (this.#byte() !== byte) {
      throw this.#unexpected(JSON.stringify(String.fromCharCode(byte)));
    }
    this.#at++;
  }

  /** The next byte that is no white space, -1 at the end. */
  #peek(): number {
    for (;;) {
      const byte = this.#byte();
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return byte;
      this.#at++;
    }
  }

  /** The byte here, -1 at the end. */
  #byte(): number {
    return this.#at < this.#end || this.#more() ? this.#bytes[this.#at] : -1;
  }

  #more(): boolean {
    const from = this.#mark >= 0 ? this.#mark : this.#at;
    this.#bytes.copyWithin(0, from, this.#end);
    this.#before += from;
    this.#at -= from;
    this.#end -= from;
    if (this.#mark >= 0) this.#mark = 0;
    if (this.#end === this.#bytes.length) {
      if (this.#end >= LONGEST_BYTES) {
        throw this.#wrong(0, "a string or number of more than 16 MiB");
      }
      const longer = new Uint8Array(this.#end * 2);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    const count = this.#read(this.#bytes.subarray(this.#end)) ?? 0;
    this.#end += count;
    return count > 0;
  }

  #unexpected(wanted: string): SyntaxError {
    const byte = this.#byte();
    if (byte === -1) {
      return this.#wrong(
        this.#at,
        `the text ends where ${wanted} should come; it is cut off`,
      );
    }
    const found = byte > 32 && byte < 127
      ? JSON.stringify(String.fromCharCode(byte))
      : `byte 0x${byte.toString(16).padStart(2, "0")}`;
    return this.#wrong(this.#at, `${wanted} should come, not ${found}`);
  }

  #wrong(at: number, problem: string): SyntaxError {
    const message = `byte ${this.#before + at}: ${problem}`;
    return new SyntaxError(this.#explain(message));
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
