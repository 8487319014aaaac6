import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { createRandom } from "ldlab/random/random.ts";
import { openStoredZip } from "ldlab/train/open_stored_zip.ts";
import type { HostTensor } from "ldlab/train/safetensors.ts";
import { stateDictOf } from "ldlab/train/state_dict_of.ts";
import { PickleName } from "ldlab/train/pickle_name.ts";
import { readTorchCheckpoint } from "ldlab/train/torch_checkpoint.ts";
import { writeTorchStateDict } from "ldlab/train/torch_state_dict.ts";
import { writeStoredZip } from "ldlab/train/write_stored_zip.ts";
import { goldenCases, type GoldenTensor } from "../golden.ts";

const folder = new URL("../golden/checkpoints/", import.meta.url);
const file = (name: string) => Deno.readFile(new URL(`${name}.pth`, folder));

const goldens = await goldenCases("checkpoints") as unknown as {
  name: string;
  tensors: Record<string, GoldenTensor>;
}[];

for (const { name, tensors } of goldens) {
  Deno.test(`readTorchCheckpoint() gives torch's values of ${name}.pth`, async () => {
    const read = readTorchCheckpoint(await file(name), name) as Map<
      string,
      Map<string, unknown>
    >;
    const weights = stateDictOf(read);
    assert.deepEqual([...weights.keys()], Object.keys(tensors));
    for (const [key, { shape, dtype, data }] of Object.entries(tensors)) {
      const actual = weights.get(key)!;
      assert.deepEqual({ shape: actual.shape, dtype: actual.dtype }, {
        shape,
        dtype: dtype as HostTensor["dtype"],
      }, key);
      const expected = dtype === "float32" ? Float32Array.from(data) : data;
      assert.deepEqual([...actual.data], [...expected], key);
    }
    // As tests/golden/make_checkpoints.py has it.
    const meta = read.get("meta")!;
    assert.equal(meta.get("epoch"), 12);
    assert.deepEqual(meta.get("CLASSES"), ["red", "white"]);
    assert.equal(meta.get("rate"), 0.25);
    assert.deepEqual(meta.get("size"), [3, 4]);
    const ema = stateDictOf(read, "ema");
    assert.deepEqual(ema.get("whole"), weights.get("whole"));
    const optimizer = read.get("optimizer")!;
    assert.deepEqual(optimizer.get("param_groups"), [
      new Map<string, unknown>([
        ["lr", 0.01],
        ["type", new PickleName("torch.float32")],
      ]),
    ]);
  });
}

Deno.test("readTorchCheckpoint() reads weights and arrays beside MMEngine's logs", async () => {
  const read = readTorchCheckpoint(
    await file("mmengine"),
    "mmengine.pth",
  ) as Map<
    string,
    Map<string, HostTensor>
  >;
  const { data } = stateDictOf(read).get("w")!;
  assert.deepEqual(data, new Float32Array([1, 2]));
  // As tests/golden/make_mmengine_checkpoint.py has it.
  const info = [...read.get("info")!].map(([name, { shape, dtype, data }]) => [
    ...[name, shape, dtype, [...data]],
  ]);
  assert.deepEqual(info, [
    ["rows", [2, 3], "int32", [0, 1, 2, 3, 4, 5]],
    ["columns", [2, 3], "float32", [0, 1, 2, 3, 4, 5]],
    ["flags", [2], "uint8", [1, 0]],
  ]);
});

Deno.test("readTorchCheckpoint() gives no other attribute than the name of a log's method", () => {
  const of = (owner: string) =>
    withPickle(`c__builtin__\ngetattr\n(c${owner}\nVmin\ntR.`);
  const log = "mmengine.logging.history_buffer";
  assert.deepEqual(
    readTorchCheckpoint(of(`${log}\nHistoryBuffer`), "a"),
    new PickleName(`${log}.HistoryBuffer.min`),
  );
  for (const owner of ["collections\nOrderedDict", "__builtin__\ngetattr"]) {
    assert.throws(
      () => readTorchCheckpoint(of(owner), "a"),
      /^SyntaxError: .*'__builtin__\.getattr' is malformed: only a method/,
    );
  }
  const called = `c__builtin__\ngetattr\n(c${log}\nHistoryBuffer\nVmin\ntR)R.`;
  assert.throws(
    () => readTorchCheckpoint(withPickle(called), "a"),
    SyntaxError,
  );
});

Deno.test("readTorchCheckpoint() refuses files whose pickle runs code, and names it", async () => {
  for (
    const [name, code] of [
      ["code_zip", "posix.system"],
      ["code_legacy", "posix.system"],
      ["module", "torch.nn.modules.linear.Linear"],
    ]
  ) {
    const bytes = await file(name);
    assert.throws(
      () => readTorchCheckpoint(bytes, `${name}.pth`),
      (error) =>
        error instanceof SyntaxError && error.message.includes(`'${code}'`) &&
        error.message.includes(`${name}.pth`),
    );
  }
});

Deno.test("readTorchCheckpoint() throws SyntaxError wherever a file is cut off", async () => {
  for (const name of ["small_zip", "small_legacy"]) {
    const bytes = await file(name);
    assert.equal(stateDictOf(readTorchCheckpoint(bytes, name)).size, 1);
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(
        () => readTorchCheckpoint(bytes.subarray(0, length), name),
        SyntaxError,
        `${name} of ${length} bytes`,
      );
    }
  }
});

Deno.test("readTorchCheckpoint() throws nothing but SyntaxError whichever byte is wrong", async () => {
  for (const name of ["small_zip", "small_legacy"]) {
    const bytes = await file(name);
    for (let i = 0; i < bytes.length; i++) {
      for (const flip of [1, 0x80, 0xff]) {
        const altered = bytes.slice();
        altered[i] ^= flip;
        try {
          readTorchCheckpoint(altered, name);
        } catch (error) {
          assert.ok(error instanceof SyntaxError, `${name}, ${i}: ${error}`);
        }
      }
    }
  }
});

Deno.test("readTorchCheckpoint() throws nothing but SyntaxError whichever byte of a pickle is wrong under a right checksum", async () => {
  for (const name of ["zip", "mmengine"]) {
    const zip = openStoredZip(await file(name), name);
    const records = new Map(zip.names.map((one) => [one, zip.take(one)]));
    const pickle = records.get(`${name}/data.pkl`)!;
    const random = createRandom(5);
    for (let i = 0; i < pickle.length; i++) {
      const altered = pickle.slice();
      altered[i] = Math.floor(random() * 256);
      records.set(`${name}/data.pkl`, altered);
      try {
        readTorchCheckpoint(writeStoredZip(records), name);
      } catch (error) {
        assert.ok(error instanceof SyntaxError, `${name}, ${i}: ${error}`);
      }
    }
  }
});

Deno.test("readTorchCheckpoint() finds an altered weight by its checksum", async () => {
  const bytes = await file("small_zip");
  const weight = new Uint8Array(new Float32Array([1, 2]).buffer);
  const at = bytes.findIndex((_, i) =>
    weight.every((byte, j) => bytes[i + j] === byte)
  );
  bytes[at] ^= 1;
  assert.throws(
    () => readTorchCheckpoint(bytes, "a.pth"),
    /^SyntaxError: Cannot read a\.pth as a zip file: the record '[^']*data\/0' is altered/,
  );
});

const text = (program: string) => new TextEncoder().encode(program);

/** A checkpoint whose pickle is given, with 8 bytes of storage "0". */
const withPickle = (pickle: string, order = "little") =>
  writeStoredZip(
    new Map([
      ["a/data.pkl", text(pickle)],
      ["a/byteorder", text(order)],
      ["a/data/0", new Uint8Array(new Float32Array([1, 2]).buffer)],
    ]),
  );

/** A pickle, in protocol 0, of a tensor in a storage of two numbers. */
const pickled = (
  { count = 2, type = "Float", offset = 0, shape = [2], strides = [1] },
) =>
  `ctorch._utils\n_rebuild_tensor_v2\n((Vstorage\nctorch\n${type}Storage\n` +
  `V0\nVcpu\nI${count}\ntQI${offset}\n(${
    shape.map((n) => `I${n}\n`).join("")
  }t` +
  `(${strides.map((n) => `I${n}\n`).join("")}tI00\nNtR.`;

Deno.test("readTorchCheckpoint() follows offsets and strides", () => {
  const read = (
    layout: Parameters<typeof pickled>[0],
  ) => (readTorchCheckpoint(withPickle(pickled(layout)), "a") as HostTensor);
  assert.deepEqual(read({}).data, new Float32Array([1, 2]));
  assert.deepEqual(
    read({ offset: 1, shape: [], strides: [] }).data,
    new Float32Array([2]),
  );
  assert.deepEqual(
    read({ shape: [2, 2], strides: [0, 1] }).data,
    new Float32Array([1, 2, 1, 2]),
  );
  assert.deepEqual(read({ shape: [0, 9], strides: [9, 1] }).data.length, 0);
});

Deno.test("readTorchCheckpoint() refuses tensors that do not fit their storage", () => {
  for (
    const layout of [
      { shape: [3] },
      { strides: [2] },
      { offset: 1 },
      { offset: -1 },
      { strides: [-1] },
      { shape: [-2] },
      { shape: [2, 2] },
      { shape: [2 ** 52, 2 ** 52], strides: [0, 0] },
      { shape: [2 ** 40], strides: [0] },
      { count: 3 },
      { count: 2 ** 50, shape: [2 ** 50] },
      { type: "Double" },
      { type: "Untyped" },
      { shape: Array(65).fill(1), strides: Array(65).fill(1) },
    ]
  ) {
    const bytes = withPickle(pickled(layout));
    assert.throws(
      () => readTorchCheckpoint(bytes, "a.pth"),
      (error) =>
        error instanceof SyntaxError && error.message.includes("a.pth"),
      JSON.stringify(layout),
    );
  }
});

/** A pickle of two tensors of one number each, of storages as they are given. */
const pair = (...storages: [type: string, count: number, view?: string][]) =>
  `(${
    storages.map(([type, count, view = ""]) =>
      `ctorch._utils\n_rebuild_tensor_v2\n((Vstorage\nctorch\n${type}Storage\n` +
      `V0\nVcpu\nI${count}\n${view}tQI0\n(I1\nt(I1\ntI00\nNtR`
    ).join("")
  }t.`;

Deno.test("readTorchCheckpoint() reads parts of a storage, as torch wrote them before 1.0", () => {
  const [whole, part] = readTorchCheckpoint(
    withPickle(pair(["Float", 2], ["Float", 2, "(Vpart\nI1\nI1\nt"])),
    "a",
  ) as HostTensor[];
  assert.deepEqual([...whole.data, ...part.data], [1, 2]);
  for (const view of ["(Vpart\nI1\nI2\nt", "(Vpart\nI-1\nI1\nt"]) {
    assert.throws(
      () => readTorchCheckpoint(withPickle(pair(["Float", 2, view])), "a"),
      /^SyntaxError: .*a part of storage '0' reaches beyond it/,
    );
  }
});

Deno.test("readTorchCheckpoint() refuses a storage that is two things, and tensors that share memory without end", () => {
  for (const other of [["Int", 2], ["Float", 1]] as const) {
    const bytes = withPickle(pair(["Float", 2], [...other]));
    assert.throws(
      () => readTorchCheckpoint(bytes, "a"),
      /^SyntaxError: .*storage '0' has two types or sizes/,
    );
  }
  const layout = { shape: [2 ** 40], strides: [0] };
  assert.throws(
    () => readTorchCheckpoint(withPickle(pickled(layout)), "a"),
    /^SyntaxError: .*its tensors share memory to have more than \d+ elements/,
  );
});

Deno.test("readTorchCheckpoint() refuses integers that int32 would change", () => {
  const long = pickled({ type: "Long", count: 1, shape: [1] });
  assert.throws(
    () => readTorchCheckpoint(withPickle(long), "a.pth"),
    // The bits of the floats 1 and 2, as one integer.
    /holds 4611686019492741000, which is no 32-bit integer/,
  );
});

Deno.test("readTorchCheckpoint() refuses big-endian files and other formats", () => {
  assert.throws(
    () => readTorchCheckpoint(withPickle("N.", "big"), "a"),
    /'big'/,
  );
  const page = text("<html>404</html>");
  assert.throws(
    () => readTorchCheckpoint(page, "a"),
    /neither of PyTorch's formats/,
  );
  const noPickle = writeStoredZip(new Map([["a/b", new Uint8Array()]]));
  assert.throws(
    () => readTorchCheckpoint(noPickle, "a"),
    /0 records 'data\.pkl'/,
  );
});

Deno.test("readTorchCheckpoint() refuses zip files that lie about their records", () => {
  const good = withPickle("N.");
  assert.equal(readTorchCheckpoint(good, "a"), null);
  const view = new DataView(good.buffer);
  const directory = view.getUint32(good.length - 6, true);
  const lies: [string, (view: DataView) => void][] = [
    ["compressed", (v) => v.setUint16(directory + 10, 8, true)],
    ["encrypted", (v) => v.setUint16(directory + 8, 1, true)],
    ["the sizes", (v) => v.setUint32(directory + 24, 1, true)],
    ["not where", (v) => v.setUint32(directory + 42, 7, true)],
    ["cut off", (v) => v.setUint32(good.length - 6, good.length, true)],
    ["it says 9", (v) => v.setUint16(good.length - 12, 9, true)],
    ["lies over|cut off", (v) => {
      v.setUint32(directory + 20, 2 ** 31, true);
      v.setUint32(directory + 24, 2 ** 31, true);
    }],
  ];
  for (const [message, lie] of lies) {
    const bytes = good.slice();
    lie(new DataView(bytes.buffer));
    assert.throws(
      () => readTorchCheckpoint(bytes, "a.pth"),
      (error) =>
        error instanceof SyntaxError && new RegExp(message).test(error.message),
      message,
    );
  }
});

Deno.test("readTorchCheckpoint() reads zip64, whose numbers stand behind those of a zip file", () => {
  const good = writeStoredZip(new Map([["a/data.pkl", text("N.")]]));
  const end = good.length - 22;
  const directory = new DataView(good.buffer).getUint32(end + 16, true);
  const entry = good.slice(directory, end);
  const entryView = new DataView(entry.buffer);
  entryView.setUint16(30, 28, true); // length of the extra field
  for (const at of [20, 24, 42]) entryView.setUint32(at, 0xffffffff, true);
  const extra = new DataView(new ArrayBuffer(28));
  extra.setUint16(0, 1, true);
  extra.setUint16(2, 24, true);
  extra.setBigUint64(4, 2n, true); // size, twice; the header's place is 0
  extra.setBigUint64(12, 2n, true);
  const end64 = new DataView(new ArrayBuffer(56));
  end64.setUint32(0, 0x06064b50, true);
  end64.setBigUint64(32, 1n, true);
  end64.setBigUint64(40, BigInt(entry.length + 28), true);
  end64.setBigUint64(48, BigInt(directory), true);
  const locator = new DataView(new ArrayBuffer(20));
  locator.setUint32(0, 0x07064b50, true);
  locator.setBigUint64(8, BigInt(directory + entry.length + 28), true);
  const last = good.slice(end);
  last.fill(0xff, 8, 20);
  const bytes = Uint8Array.from([
    ...[...good.subarray(0, directory), ...entry],
    ...[extra, end64, locator].flatMap((v) => [...new Uint8Array(v.buffer)]),
    ...last,
  ]);
  assert.equal(readTorchCheckpoint(bytes, "a"), null);
  for (let length = 0; length < bytes.length; length++) {
    const cut = bytes.subarray(0, length);
    assert.throws(() => readTorchCheckpoint(cut, "a"), SyntaxError);
  }
});

Deno.test("readTorchCheckpoint() reads what writeTorchStateDict() wrote, bit by bit", () => {
  const tensors = new Map<string, HostTensor>([
    ["f", {
      shape: [2, 3],
      dtype: "float32",
      data: new Float32Array([0, -0, 1e-45, NaN, -Infinity, 0.1]),
    }],
    ["ä.i", { shape: [], dtype: "int32", data: new Int32Array([-5]) }],
    ["u", { shape: [0, 4], dtype: "uint8", data: new Uint8Array() }],
    // A part of larger memory, which stays behind.
    ["part", {
      shape: [2],
      dtype: "float32",
      data: new Float32Array([1, 2, 3, 4]).subarray(1, 3),
    }],
  ]);
  const bytes = writeTorchStateDict(tensors);
  const read = readTorchCheckpoint(bytes, "a") as Map<string, HostTensor>;
  assert.deepEqual([...read.keys()], [...tensors.keys()]);
  for (const [name, { shape, dtype, data }] of tensors) {
    assert.deepEqual(read.get(name), { shape, dtype, data: data.slice() });
  }
  assert.deepEqual(writeTorchStateDict(tensors), bytes);
});

Deno.test("writeTorchStateDict() writes a zip file with PyTorch's records, each at a multiple of 64 bytes", () => {
  const data = new Float32Array([1, 2]);
  const bytes = writeTorchStateDict(
    new Map([["w", { shape: [2], dtype: "float32", data }]]),
  );
  const view = new DataView(bytes.buffer);
  const names: string[] = [];
  // Local headers one after another: name, size, checksum, data.
  let at = 0;
  while (view.getUint32(at, true) === 0x04034b50) {
    const size = view.getUint32(at + 22, true);
    const [name, extra] = [26, 28].map((i) => view.getUint16(at + i, true));
    names.push(
      new TextDecoder().decode(bytes.subarray(at + 30, at + 30 + name)),
    );
    const from = at + 30 + name + extra;
    assert.equal(from % 64, 0);
    const record = bytes.subarray(from, from + size);
    assert.equal(view.getUint32(at + 14, true), crc32(record));
    at = from + size;
  }
  assert.deepEqual(names, [
    "archive/data.pkl",
    "archive/byteorder",
    "archive/data/0",
    "archive/version",
  ]);
});

Deno.test("writeTorchStateDict() refuses a shape that is not its data's", () => {
  const wrong = {
    shape: [3],
    dtype: "float32",
    data: new Float32Array(2),
  } as const;
  assert.throws(
    () => writeTorchStateDict(new Map([["w", wrong]])),
    /^TypeError: Cannot write a state dict: 'w' of shape \[3\] must have 3 values/,
  );
});

Deno.test("stateDictOf() takes off what parallel training puts before all names, and only that", () => {
  const w = { shape: [], dtype: "float32", data: new Float32Array(1) };
  const names = (...given: string[]) => [
    ...stateDictOf(new Map(given.map((name) => [name, w]))).keys(),
  ];
  assert.deepEqual(names("module.a", "module.b"), ["a", "b"]);
  assert.deepEqual(names("module.a", "b"), ["module.a", "b"]);
  assert.throws(() => stateDictOf(new Map([["epoch", 1]])), RangeError);
  assert.throws(() => stateDictOf(null), RangeError);
});
