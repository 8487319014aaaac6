import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type HostTensor,
  readSafetensors,
  writeSafetensors,
} from "ldlab/train/safetensors.ts";

/** A file with a header as it is given and zeros behind it. */
function file(header: string, data = 0): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (dtype: string, shape: unknown, range: unknown) =>
  JSON.stringify({ dtype, shape, data_offsets: range });

const refuses = (bytes: Uint8Array, why: RegExp) =>
  assert.throws(
    () => readSafetensors(bytes, "a.safetensors"),
    (error) =>
      error instanceof SyntaxError && why.test(error.message) &&
      error.message.startsWith("Cannot read a.safetensors as safetensors: "),
    `${why}`,
  );

Deno.test("writeSafetensors() writes the bytes of the format's specification", () => {
  const bytes = writeSafetensors(
    new Map([["a", {
      shape: [1],
      dtype: "float32",
      data: new Float32Array([1]),
    }]]),
    { k: "v" },
  );
  const json =
    '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
  // Spaces make the header a multiple of 8 bytes; 1 is 00 00 80 3f.
  assert.equal(json.length, 79);
  const expected = file(json + " ", 4);
  expected.set([0, 0, 0x80, 0x3f], expected.length - 4);
  assert.deepEqual(bytes, expected);
});

Deno.test("readSafetensors() gives what writeSafetensors() took, in its order", () => {
  const tensor = fc.array(fc.nat(3), { maxLength: 3 }).chain((shape) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const size = { minLength: length, maxLength: length };
    return fc.oneof(
      fc.float32Array(size).map((data) => ({ shape, dtype: "float32", data })),
      fc.int32Array(size).map((data) => ({ shape, dtype: "int32", data })),
      fc.uint8Array(size).map((data) => ({ shape, dtype: "uint8", data })),
    );
  }) as fc.Arbitrary<HostTensor>;
  const name = fc.oneof(
    fc.string().filter((text) => text !== "__metadata__"),
    fc.constantFrom("0", "10", "__proto__", "constructor", "ä€😀"),
  );
  const tensors = fc.uniqueArray(fc.tuple(name, tensor), {
    selector: ([key]) => key,
    maxLength: 5,
  });
  fc.assert(
    fc.property(
      tensors,
      fc.dictionary(name, fc.string()),
      (given, metadata) => {
        const plain = { ...metadata };
        const read = readSafetensors(writeSafetensors(new Map(given), plain));
        assert.deepEqual(read.metadata, plain);
        assert.deepEqual(read.tensors, new Map(given));
        // Tensors without elements lie nowhere; the others keep their order.
        const filled = (all: Iterable<[string, HostTensor]>) =>
          [...all].filter(([, { data }]) => data.length > 0).map(([key]) =>
            key
          );
        assert.deepEqual(filled(read.tensors), filled(given));
      },
    ),
  );
});

Deno.test("readSafetensors() reads the other types of floats and integers", () => {
  const read = (dtype: string, values: Uint8Array) => {
    const range = [0, values.length];
    const width = { F16: 2, BF16: 2, F64: 8, I64: 8, BOOL: 1 }[dtype]!;
    const shape = [values.length / width];
    const bytes = file(`{"a":${entry(dtype, shape, range)}}`, values.length);
    bytes.set(values, bytes.length - values.length);
    return readSafetensors(bytes, "a.safetensors").tensors.get("a")!.data;
  };
  // Half floats 1, -2 and the smallest, 2^-24; bfloat16 1 and -3.140625.
  assert.deepEqual(
    read("F16", Uint8Array.of(0, 0x3c, 0, 0xc0, 1, 0)),
    Float32Array.of(1, -2, 2 ** -24),
  );
  assert.deepEqual(
    read("BF16", Uint8Array.of(0x80, 0x3f, 0x49, 0xc0)),
    Float32Array.of(1, -3.140625),
  );
  const double = new Uint8Array(Float64Array.of(0.1, -1e300).buffer);
  assert.deepEqual(read("F64", double), Float32Array.of(0.1, -Infinity));
  const long = (value: bigint) =>
    new Uint8Array(BigInt64Array.of(value).buffer);
  assert.deepEqual(read("I64", long(-(2n ** 31n))), Int32Array.of(-(2 ** 31)));
  assert.deepEqual(read("BOOL", Uint8Array.of(0, 1)), Uint8Array.of(0, 1));
  assert.throws(
    () => read("I64", long(2n ** 31n)),
    /^SyntaxError: .*'a': it holds 2147483648, which is no 32-bit integer/,
  );
});

Deno.test("readSafetensors() refuses a header that lies about its length", () => {
  const good = writeSafetensors(new Map());
  for (const length of [2n ** 64n - 1n, 2n ** 63n, BigInt(good.length - 7)]) {
    const bytes = good.slice();
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    refuses(bytes, /header of \d+ bytes in a file of/);
  }
  const short = good.slice();
  new DataView(short.buffer).setBigUint64(0, 5n, true);
  refuses(short, /not JSON/);
});

Deno.test("readSafetensors() refuses byte ranges that do not fit the shape, the file or each other", () => {
  const of = (...entries: string[]) =>
    `{${entries.map((one, i) => `"${"abc"[i]}":${one}`).join(",")}}`;
  const f = (shape: unknown, range: unknown) => entry("F32", shape, range);
  refuses(file(of(f([2], [0, 4])), 4), /'a' of shape \[2\].* range 0 to 4/);
  refuses(file(of(f([1], [4, 8])), 4), /begins at byte 4/);
  refuses(
    file(of(f([2], [0, 8])), 4),
    /end at byte 8 of the data, the file has 4/,
  );
  refuses(
    file(of(f([1], [0, 4])), 8),
    /end at byte 4 of the data, the file has 8/,
  );
  // Overlapping, equal, with a gap between them
  refuses(
    file(of(f([2], [0, 8]), f([2], [4, 12])), 12),
    /'b' begins at byte 4/,
  );
  refuses(file(of(f([1], [0, 4]), f([1], [0, 4])), 4), /'b' begins at byte 0/);
  refuses(
    file(of(f([1], [0, 4]), f([1], [8, 12])), 12),
    /'b' begins at byte 8/,
  );
  // Backwards, with negative or enormous or no numbers
  for (
    const [shape, range] of [
      [[1], [8, 4]],
      [[-1], [4, 0]],
      [[-1, -1], [0, 4]],
      [[0.5], [0, 2]],
      [[1], [0, 4, 8]],
      [[1], [0]],
      [[1], "04"],
      [1, [0, 4]],
      [null, null],
      [["1"], [0, 4]],
      [[2 ** 60], [0, 2 ** 62]],
      [[1e300, 1e300], [0, 4]],
      [[2 ** 32, 2 ** 32], [0, 0]],
    ]
  ) {
    refuses(file(of(f(shape, range)), 4), /tensor 'a'/);
  }
});

Deno.test("readSafetensors() refuses headers that are not the format's JSON", () => {
  const one = entry("U8", [0], [0, 0]);
  refuses(file(`{"a":${one},"a":${one}}`), /has 'a' twice/);
  refuses(file(`{"a":${one},"\\u0061":${one}}`), /has 'a' twice/);
  refuses(
    file('{"a":{"dtype":"U8","shape":[0],"shape":[0],"data_offsets":[0,0]}}'),
    /has 'shape' twice/,
  );
  refuses(
    file('{"a":{"dtype":"U8","shape":[NaN],"data_offsets":[0,0]}}'),
    /not JSON/,
  );
  refuses(
    file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,Infinity]}}'),
    /not JSON/,
  );
  refuses(file('{"a":'), /not JSON/);
  refuses(file("\ufeff{}"), /not JSON/);
  refuses(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff), /not JSON/);
  for (const header of ["[]", "null", "3", '"a"']) {
    refuses(file(header), /no JSON object/);
  }
  for (const value of ["null", "[]", "7", "{}"]) {
    refuses(file(`{"a":${value}}`), /tensor 'a' has the type undefined/);
  }
  refuses(
    file(`{"a":${entry("F8_E4M3", [0], [0, 0])}}`),
    /"F8_E4M3", this reads F32/,
  );
  refuses(file(`{"a":${entry("constructor", [0], [0, 0])}}`), /"constructor"/);
  refuses(file('{"__metadata__":{"a":1}}'), /'__metadata__' are not strings/);
  refuses(file('{"__metadata__":[]}'), /'__metadata__' are not strings/);
  refuses(file(`${"[".repeat(50_000)}`), /not JSON/);
});

Deno.test("readSafetensors() throws SyntaxError wherever a file is cut off, and nothing else whichever byte is wrong", () => {
  const bytes = writeSafetensors(
    new Map<string, HostTensor>([
      ["a", { shape: [2], dtype: "float32", data: Float32Array.of(1, 2) }],
      ["b", { shape: [], dtype: "int32", data: Int32Array.of(3) }],
    ]),
  );
  for (let i = 0; i < bytes.length; i++) {
    refuses(bytes.subarray(0, i), /./);
    for (const flip of [1, 4, 0x80, 0xff]) {
      const altered = bytes.slice();
      altered[i] ^= flip;
      try {
        readSafetensors(altered);
      } catch (error) {
        assert.ok(error instanceof SyntaxError, `${i}: ${error}`);
      }
    }
  }
});

Deno.test("writeSafetensors() refuses a shape that is not its data's and the format's own name", () => {
  const data = new Float32Array(2);
  const write = (name: string, length: number) =>
    writeSafetensors(
      new Map([[name, { shape: [length], dtype: "float32", data }]]),
    );
  assert.throws(
    () => write("w", 3),
    /^TypeError: .*'w' of shape \[3\] must have 3 values/,
  );
  assert.throws(() => write("__metadata__", 2), RangeError);
});
