import { ByteWindow, type ReadBytes } from "./byte_window.ts";

/** What a JSON value is, seen from its first byte. */
export type JsonKind =
  | "object"
  | "array"
  | "string"
  | "number"
  | "boolean"
  | "null";

/** Up to here a decimal fraction is one exact division. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, at) => 10 ** at);

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const [QUOTE, BACKSLASH, MINUS, ZERO, NINE] = codes('"\\-09');
const [COMMA, COLON, POINT, PLUS, LOWER_E, UPPER_E] = codes(",:.+eE");
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = codes("{}[]");
const [LOWER_U, UPPER_I, UPPER_N] = codes("uIN");
const [LOWER_T, LOWER_F, LOWER_N] = codes("tfn");
const ESCAPED = new Set(codes('"\\/bfnrtu'));
const HEX = new Set(codes("0123456789abcdefABCDEF"));
const LITERALS = { true: true, false: false, null: null };

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
  readonly #text: ByteWindow;
  /** An object or array was entered and nothing read of it. */
  #fresh = false;

  /**
   * @param read Where the bytes come from.
   * @param explain Makes an error's message of what is wrong where; adds the
   * file, for example.
   */
  constructor(
    read: ReadBytes,
    explain: (problem: string) => string = (problem) => problem,
  ) {
    this.#text = new ByteWindow(read, explain);
    if (this.#text.byte() === BYTE_ORDER_MARK[0]) {
      for (const byte of BYTE_ORDER_MARK) this.#text.expect(byte);
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
    if (byte === LOWER_T || byte === LOWER_F) return "boolean";
    if (byte === LOWER_N) return "null";
    throw this.#text.unexpected("a value");
  }

  /** Goes into an object; `nextKey` gives its keys. */
  enterObject(): void {
    this.#peek();
    this.#text.expect(OPEN_OBJECT);
    this.#fresh = true;
  }

  /** The next key of the object, whose value is next; undefined at its end. */
  nextKey(): string | undefined {
    return this.#next(CLOSE_OBJECT) ? this.#key(true) : undefined;
  }

  /** Goes into an array; `nextItem` walks through it. */
  enterArray(): void {
    this.#peek();
    this.#text.expect(OPEN_ARRAY);
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
    this.#text.mark();
    const negative = first === MINUS;
    if (negative) this.#text.advance();
    const start = this.#text.byte();
    if (start === UPPER_N && !negative) return this.#word("NaN", NaN);
    if (start === UPPER_I) {
      return this.#word("Infinity", negative ? -Infinity : Infinity);
    }
    let value = 0;
    let digits = 0;
    let decimals = 0;
    if (start === ZERO) this.#text.advance();
    else {
      value = this.#digits(0);
      digits = this.#digitsRead;
    }
    if (this.#text.byte() === POINT) {
      this.#text.advance();
      value = this.#digits(value);
      decimals = this.#digitsRead;
    }
    let exact = digits + decimals <= EXACT_DIGITS;
    if (this.#text.byte() === LOWER_E || this.#text.byte() === UPPER_E) {
      exact = false;
      this.#text.advance();
      if (this.#text.byte() === PLUS || this.#text.byte() === MINUS) {
        this.#text.advance();
      }
      this.#digits(0);
    }
    if (!exact) value = Math.abs(Number(this.#text.takeAscii()));
    else if (decimals > 0) value /= POWERS[decimals];
    this.#text.unmark();
    return negative ? -value : value;
  }

  /** Reads `true`, `false` or `null`. */
  readLiteral(): boolean | null {
    const first = this.#peek();
    for (const [word, value] of Object.entries(LITERALS)) {
      if (word.charCodeAt(0) === first) return this.#word(word, value);
    }
    throw this.#text.unexpected("true, false or null");
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
    if (this.#peek() !== -1) throw this.#text.unexpected("the end");
  }

  /** Whether a further member comes; else takes the end of what holds them. */
  #next(close: number): boolean {
    const byte = this.#peek();
    const fresh = this.#fresh;
    this.#fresh = false;
    if (byte === close) {
      this.#text.advance();
      return false;
    }
    if (fresh) return true;
    if (byte !== COMMA) {
      throw this.#text.unexpected(`"," or "${String.fromCharCode(close)}"`);
    }
    this.#text.advance();
    return true;
  }

  #key(keep: boolean): string {
    if (this.#peek() !== QUOTE) throw this.#text.unexpected("a key in quotes");
    const key = this.#string(keep);
    this.#peek();
    this.#text.expect(COLON);
    return key;
  }

  /** The string that starts here; passed over and "" where not kept. */
  #string(keep: boolean): string {
    const { position } = this.#text;
    if (keep) this.#text.mark();
    this.#text.expect(QUOTE);
    let plain = true;
    for (let byte; (byte = this.#text.byte()) !== QUOTE; this.#text.advance()) {
      if (byte < 32) throw this.#text.unexpected("the rest of a string");
      if (byte === BACKSLASH) {
        this.#text.advance();
        if (!ESCAPED.has(this.#text.byte())) {
          throw this.#text.unexpected("an escape");
        }
        if (this.#text.byte() === LOWER_U) {
          for (let digit = 0; digit < 4; digit++) {
            this.#text.advance();
            if (!HEX.has(this.#text.byte())) {
              throw this.#text.unexpected("a hex digit");
            }
          }
        }
        plain = false;
      } else if (byte > 127) plain = false;
    }
    this.#text.advance();
    if (!keep) return "";
    if (plain) return this.#text.takeAscii(1);
    const text = this.#text.takeUtf8();
    if (text !== undefined) return JSON.parse(text);
    throw this.#text.wrong("a string that is not UTF-8", position);
  }

  #digitsRead = 0;

  /** Appends the digits that come, at least one, to a number. */
  #digits(value: number): number {
    let count = 0;
    for (
      let byte;
      isDigit(byte = this.#text.byte());
      count++, this.#text.advance()
    ) {
      value = value * 10 + (byte - ZERO);
    }
    if (count === 0) throw this.#text.unexpected("a digit");
    this.#digitsRead = count;
    return value;
  }

  #word<T>(word: string, value: T): T {
    for (let at = 0; at < word.length; at++) {
      this.#text.expect(word.charCodeAt(at));
    }
    this.#text.unmark();
    return value;
  }

  /** The next byte that is no white space, -1 at the end. */
  #peek(): number {
    for (;;) {
      const byte = this.#text.byte();
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return byte;
      this.#text.advance();
    }
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
