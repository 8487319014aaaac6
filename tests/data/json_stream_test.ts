import assert from "node:assert/strict";
import fc from "fast-check";
import type { ReadBytes } from "ldlab/data/byte_window.ts";
import { JsonStream } from "ldlab/data/json_stream.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Gives bytes in chunks of a size, the first maybe of another. */
function chunks(bytes: Uint8Array, size: number, first = size): ReadBytes {
  let at = 0;
  return (into) => {
    if (at === bytes.length) return null;
    const end = Math.min(
      at + Math.min(at === 0 ? first : size, into.length),
      bytes.length,
    );
    into.set(bytes.subarray(at, end));
    const count = end - at;
    at = end;
    return count;
  };
}

const encode = (text: string) => new TextEncoder().encode(text);

/** Reads the next value whole. */
function value(json: JsonStream): Json {
  const kind = json.kind();
  if (kind === "string") return json.readString();
  if (kind === "number") return json.readNumber();
  if (kind === "array") {
    const items: Json[] = [];
    json.enterArray();
    while (json.nextItem()) items.push(value(json));
    return items;
  }
  if (kind === "object") {
    const members: [string, Json][] = [];
    json.enterObject();
    for (let key; (key = json.nextKey()) !== undefined;) {
      members.push([key, value(json)]);
    }
    return Object.fromEntries(members);
  }
  return json.readLiteral();
}

function parse(text: string | Uint8Array, size = 7, first = size): Json {
  const bytes = typeof text === "string" ? encode(text) : text;
  const json = new JsonStream(chunks(bytes, size, first));
  const result = value(json);
  json.end();
  return result;
}

function skip(text: string | Uint8Array, size = 7): void {
  const bytes = typeof text === "string" ? encode(text) : text;
  const json = new JsonStream(chunks(bytes, size));
  json.skip();
  json.end();
}

const space = fc.string({
  unit: fc.constantFrom(" ", "\n", "\r", "\t"),
  maxLength: 3,
});

/** Every letter of a JSON string may be an escape. */
const stringText = fc.array(
  fc.tuple(fc.string({ unit: "binary", maxLength: 1 }), fc.nat(2)),
  { maxLength: 8 },
).map((letters) =>
  `"${
    letters.map(([letter, form]) => {
      const escaped = Array.from({ length: letter.length }, (_, at) => {
        const hex = letter.charCodeAt(at).toString(16).padStart(4, "0");
        return `\\u${form === 1 ? hex.toUpperCase() : hex}`;
      }).join("");
      return form === 0 ? JSON.stringify(letter).slice(1, -1) : escaped;
    }).join("")
  }"`
);

const digits = fc.string({
  unit: fc.constantFrom(..."0123456789"),
  minLength: 1,
  maxLength: 22,
});
const numberText = fc.tuple(
  fc.constantFrom("", "-"),
  fc.oneof(fc.constant("0"), digits.map((text) => `${text}`)),
  fc.option(digits),
  fc.option(
    fc.tuple(
      fc.constantFrom("e", "E"),
      fc.constantFrom("", "+", "-"),
      fc.nat(330),
    ),
  ),
).map(([sign, whole, fraction, exponent]) =>
  sign + whole.replace(/^0+(?=\d)/, "") +
  (fraction === null ? "" : `.${fraction}`) +
  (exponent === null ? "" : exponent.join(""))
);

/** The text of a document, in any form that JSON allows. */
const { documentText } = fc.letrec<{ documentText: string }>((tie) => ({
  documentText: fc.tuple(
    space,
    fc.oneof(
      { maxDepth: 4, depthIdentifier: "json" },
      fc.constantFrom("true", "false", "null"),
      numberText,
      stringText,
      fc.array(tie("documentText"), {
        maxLength: 4,
        depthIdentifier: "json",
      }).map((items) => `[${items.join(",") || " "}]`),
      fc.array(fc.tuple(space, stringText, space, tie("documentText")), {
        maxLength: 4,
        depthIdentifier: "json",
      }).map((members) =>
        `{${
          members.map(([before, key, after, item]) =>
            `${before}${key}${after}:${item}`
          ).join(",")
        }}`
      ),
    ),
    space,
  ).map((parts) => parts.join("")),
}));

Deno.test("JsonStream reads what JSON.parse reads from any document, in any chunks", () => {
  fc.assert(
    fc.property(documentText, fc.integer({ min: 1, max: 40 }), (text, size) => {
      assert.deepEqual(parse(text, size), JSON.parse(text));
      skip(text, size);
    }),
    { numRuns: 500 },
  );
});

Deno.test("JsonStream reads JSON.stringify's text of any value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(4), (json, indent) => {
      const text = JSON.stringify(json, null, indent);
      assert.deepEqual(parse(text), JSON.parse(text));
    }),
    { numRuns: 300 },
  );
});

const everyForm =
  '\n{"a":[-0, 1.25e-3,0.1, 1234567890123456789, NaN, -Infinity,Infinity], "é\\n😀\\ud83d\\ude00": {"": [true ,false,null, []], "b" : {}}}\t';

Deno.test("JsonStream reads the same wherever a chunk ends", () => {
  const bytes = encode(everyForm);
  const expected = {
    "a": [-0, 1.25e-3, 0.1, 1234567890123456789, NaN, -Infinity, Infinity],
    "é\n😀😀": { "": [true, false, null, []], "b": {} },
  };
  for (let first = 1; first <= bytes.length; first++) {
    assert.deepEqual(parse(bytes, bytes.length, first), expected);
  }
  assert.deepEqual(parse(bytes, 1), expected);
  skip(bytes, 1);
});

Deno.test("JsonStream fails on a text that ends early, wherever it ends", () => {
  const bytes = encode(everyForm.trim());
  for (let length = 0; length < bytes.length; length++) {
    for (const read of [parse, skip]) {
      assert.throws(
        () => read(bytes.subarray(0, length)),
        new RegExp(
          `^SyntaxError: byte ${length}: the text ends where .* should come; it is cut off$`,
        ),
      );
    }
  }
});

Deno.test("JsonStream fails where JSON.parse fails when a byte of a document changes", () => {
  const change = fc.tuple(fc.nat(), fc.constantFrom(...'{}[]",:\\x01 -.e\n'));
  fc.assert(
    fc.property(documentText, change, (text, [where, letter]) => {
      const at = where % (text.length + 1);
      const changed = text.slice(0, at) + letter + text.slice(at + 1);
      let expected: Json | undefined;
      try {
        expected = JSON.parse(changed);
      } catch {
        assert.throws(() => parse(changed), SyntaxError);
        assert.throws(() => skip(changed), SyntaxError);
        return;
      }
      // A cut pair of surrogates has no UTF-8.
      if (changed.isWellFormed()) assert.deepEqual(parse(changed), expected);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("JsonStream says which byte is wrong, and what should stand there", () => {
  const cases: [string, RegExp][] = [
    ["<html>", /^byte 0: a value should come, not "<"$/],
    ["[1 2]", /^byte 3: "," or "\]" should come, not "2"$/],
    ["[1,]", /^byte 3: a value should come, not "]"$/],
    ['{"a" 1}', /^byte 5: ":" should come, not "1"$/],
    ["{a:1}", /^byte 1: a key in quotes should come, not "a"$/],
    ['{"a":1,}', /^byte 7: a key in quotes should come, not "}"$/],
    ["[01]", /^byte 2: "," or "\]" should come, not "1"$/],
    ["[-NaN]", /^byte 2: a digit should come, not "N"$/],
    ["[.5]", /^byte 1: a value should come, not "\."$/],
    ["[1.]", /^byte 3: a digit should come, not "\]"$/],
    ['["\\x"]', /^byte 3: an escape should come, not "x"$/],
    ['["\\u12g4"]', /^byte 6: a hex digit should come, not "g"$/],
    ['["a\nb"]', /^byte 3: the rest of a string should come, not byte 0x0a$/],
    ["[] []", /^byte 3: the end should come, not "\["$/],
    ["tru", /^byte 3: the text ends where "e" should come; it is cut off$/],
  ];
  for (const [text, message] of cases) {
    for (const read of [parse, skip]) {
      assert.throws(() => read(text), { name: "SyntaxError", message }, text);
    }
  }
  const latin = Uint8Array.from([0x22, 0xe9, 0x22]); // "é" in Latin-1
  assert.throws(() => parse(latin), {
    name: "SyntaxError",
    message: "byte 0: a string that is not UTF-8",
  });
});

Deno.test("JsonStream passes over a byte order mark", () => {
  assert.deepEqual(parse(Uint8Array.from([0xef, 0xbb, 0xbf, 0x31])), 1);
});

Deno.test("JsonStream skips values of any length and depth", () => {
  const depth = 1_000_000;
  skip("[".repeat(depth) + "]".repeat(depth), 65536);
  skip(`"${"a".repeat(2 ** 25)}"`, 2 ** 20);
  assert.equal(parse(`"${"a".repeat(10 ** 6)}"`, 4096), "a".repeat(10 ** 6));
  assert.throws(() => parse(`"${"a".repeat(2 ** 25)}"`, 2 ** 20), {
    name: "SyntaxError",
    message: "byte 0: a string or number of more than 16 MiB",
  });
});
