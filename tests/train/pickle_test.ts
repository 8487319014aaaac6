import assert from "node:assert/strict";
import { readPickle } from "ldlab/train/pickle.ts";
import { goldenCases } from "../golden.ts";

const text = (program: string) => new TextEncoder().encode(program);

/** Opcodes as bytes beside the text of their arguments. */
const program = (...parts: (string | number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) => typeof part === "string" ? [...text(part)] : part),
  );

/** What JSON would hold: dictionaries as objects. */
function asJson(value: unknown): unknown {
  if (value instanceof Map) {
    return Object.fromEntries(
      [...value].map(([key, item]) => [key, asJson(item)]),
    );
  }
  return Array.isArray(value) ? value.map(asJson) : value;
}

// Written by Python's own pickle module.
for (
  const { name, pickle, value, refused } of await goldenCases(
    "pickles",
  ) as unknown as {
    name: string;
    pickle: string;
    value: unknown;
    refused?: boolean;
  }[]
) {
  const bytes = Uint8Array.fromBase64(pickle);
  if (refused) {
    Deno.test(`readPickle() refuses ${name}`, () => {
      assert.throws(
        () => readPickle(bytes, { source: "a.pkl" }),
        /^SyntaxError: Cannot read a\.pkl as a pickle: it asks for '[\w.]+', which may run code/,
      );
    });
  } else {
    Deno.test(`readPickle() reads ${name}`, () => {
      const read = readPickle(bytes);
      assert.deepEqual(asJson(read.value), value);
      assert.equal(read.end, bytes.length);
    });
  }
}

Deno.test("readPickle() names the function that a pickle would run", () => {
  for (const refused of ["os.system", "builtins.eval", "posix.system"]) {
    const [module, name] = refused.split(".");
    for (
      const bytes of [
        text(`c${module}\n${name}\n(S'1'\ntR.`), // GLOBAL, REDUCE
        text(`(S'1'\ni${module}\n${name}\n.`), // INST
        text(`(c${module}\n${name}\nS'1'\no.`), // OBJ
        program(`V${module}\nV${name}\n`, [0x93], "."), // STACK_GLOBAL
      ]
    ) {
      assert.throws(
        () => readPickle(bytes),
        (error) =>
          error instanceof SyntaxError && error.message.includes(refused),
      );
    }
  }
});

Deno.test("readPickle() takes no name of Object's prototype for an allowed one", () => {
  assert.throws(
    () => readPickle(text("c__proto__\nconstructor\n.")),
    SyntaxError,
  );
});

Deno.test("readPickle() keeps what is shared, tuples frozen, and stops where the pickle does", () => {
  // x = []; (x, x), followed by one more byte
  const { value, end } = readPickle(text("(]q\0h\0t.!"));
  const [a, b] = value as unknown[];
  assert.equal(a, b);
  assert.ok(Object.isFrozen(value));
  assert.equal(end, 8);
});

Deno.test("readPickle() makes a bigint of an integer that a number would round", () => {
  const { value } = readPickle(text(`L${2n ** 64n + 1n}L\n.`));
  assert.equal(value, 2n ** 64n + 1n);
  const seven = program([0x8a, 8, 255, 255, 255, 255, 255, 255, 255, 127], ".");
  assert.equal(readPickle(seven).value, 2n ** 63n - 1n);
});

Deno.test("readPickle() refuses nesting that would end whoever walks it", () => {
  const deep = 20_000;
  // Tuples around each other need one place of the stack only.
  const tuples = program(")", Array(deep).fill(0x85), ".");
  const lists = text("]".repeat(deep) + "a".repeat(deep - 1) + ".");
  const marks = text("(".repeat(deep) + "t".repeat(deep) + ".");
  // From the outside in, the stack of two holding ever deeper ones.
  const memo = text("]q\0" + "h\0]q\x01a0h\x01]q\0a0".repeat(deep) + ".");
  for (const bytes of [tuples, lists, marks, memo]) {
    assert.throws(() => readPickle(bytes), /nested more than 200 deep/);
  }
  assert.ok(readPickle(program(")", Array(199).fill(0x85), ".")).value);
});

Deno.test("readPickle() refuses a list that holds itself and one that unfolds without end", () => {
  assert.throws(() => readPickle(text("]q\0h\0a.")), /holds itself/);
  // Each of 60 tuples holds the one before twice: 2 to the 60 values.
  const twice = ["0h", [0], "h", [0, 0x86], "q", [0]];
  const laughs = program(")q", [0], ...Array(60).fill(twice).flat(), ".");
  assert.throws(() => readPickle(laughs), /unfolds to more than/);
});

Deno.test("readPickle() makes nothing of the size that a pickle only declares", () => {
  const huge = [255, 255, 255, 127];
  for (
    const bytes of [
      program("X", huge),
      program("B", huge),
      program("T", huge),
      program([0x8b], huge),
      program([0x8d], huge, huge),
      program([0x96], huge, huge),
      program([0x95], huge, huge, "N"), // a frame, which holds nothing itself
      program("T", [255, 255, 255, 255]), // of minus one byte
    ]
  ) {
    assert.throws(() => readPickle(bytes), SyntaxError);
  }
  assert.throws(
    () => readPickle(text(`L${"9".repeat(100_000)}L\n.`)),
    /no integer/,
  );
});

Deno.test("readPickle() refuses what is no program of a value", () => {
  for (
    const bytes of [
      "",
      ".",
      "NN.",
      "(.",
      "t.",
      "h\0.",
      "a.",
      "Nb.",
      "]Na",
      ")Na.",
      "NNs.",
      "}NNa.",
      "R.",
      "NNR.",
      "ccollections\nOrderedDict\nNR.",
      "F0x10\n.",
      "Iten\n.",
      "V\\Uffffffff\n.",
      "S'a\n.",
      "P1\n.",
      "NQ.",
      "!",
      "\x80\x09N.",
      "ccollections\nOrderedDict\n(Nt\x81.",
      "X\x02\0\0\0\xff\xff.",
    ]
  ) {
    const raw = Uint8Array.from(bytes, (character) => character.charCodeAt(0));
    assert.throws(() => readPickle(raw), SyntaxError, JSON.stringify(bytes));
  }
});

Deno.test("readPickle() throws nothing but SyntaxError wherever a pickle ends or a byte is wrong", async () => {
  const cases = await goldenCases(
    "pickles",
    (one) => !/long|300/.test(one.name),
  );
  for (const { pickle } of cases as unknown as { pickle: string }[]) {
    const bytes = Uint8Array.fromBase64(pickle);
    for (let i = 0; i < bytes.length; i++) {
      assert.throws(() => readPickle(bytes.subarray(0, i)), SyntaxError);
      for (const wrong of [0x00, 0x28, 0x71, 0xff]) {
        const altered = bytes.slice();
        altered[i] = wrong;
        try {
          readPickle(altered);
        } catch (error) {
          assert.ok(error instanceof SyntaxError, `byte ${i}: ${error}`);
        }
      }
    }
  }
});
