import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodePng } from "ldlab/report/png.ts";
import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { DOTA_CLASSES, type DotaOptions, readDota } from "ldlab/data/dota.ts";
import { concatenateDatasets } from "ldlab/data/concatenate.ts";
import { loadImage } from "ldlab/data/load_image.ts";
import { assertClose, goldenCases } from "../golden.ts";

/** A grey PNG file of a size. */
const png = (width: number, height: number) =>
  encodePng(new Uint8Array(width * height * 3), { width, height });

/** Runs a test on a folder of split `train`: label texts and image files. */
async function withDota(
  labels: Record<string, string>,
  images: Record<string, Uint8Array>,
  test: (
    read: (options?: Partial<DotaOptions>) => ReturnType<typeof readDota>,
    root: string,
  ) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${root}/train/images`, { recursive: true });
    await Deno.mkdir(`${root}/train/labelTxt`);
    for (const [name, text] of Object.entries(labels)) {
      await Deno.writeTextFile(`${root}/train/labelTxt/${name}`, text);
    }
    for (const [name, bytes] of Object.entries(images)) {
      await Deno.writeFile(`${root}/train/images/${name}`, bytes);
    }
    await test(
      (options) => readDota(root, { split: "train", ...options }),
      root,
    );
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const box = (x1: number, y1: number, x2: number, y2: number) =>
  `${x1} ${y1} ${x2} ${y1} ${x2} ${y2} ${x1} ${y2}`;

Deno.test("readDota() reads corners, hulls, classes and difficulty", async () => {
  const text = "imagesource:GoogleEarth\r\ngsd:null\r\n" +
    "2.5 0 4 2 2 4.25 0 2 ship 1\r\n\r\n90 70 110 70 110 90 90 90 plane 0\r\n" +
    `${box(1, 2, 3, 4)} harbor\r\n`;
  const labels = { "b.txt": text, "a.txt": "", "notes.md": "no label file" };
  const images = { "a.png": png(30, 20), "b.png": png(100, 80) };
  await withDota(labels, images, async (read, root) => {
    const { name, classes, images: [empty, image], warnings } = await read();
    assert.equal(name, `${root.split("/").at(-1)}/train`);
    assert.deepEqual(classes, DOTA_CLASSES);
    assert.deepEqual(warnings, []);
    assert.deepEqual(empty, {
      id: "a",
      path: `${root}/train/images/a.png`,
      annotation: `${root}/train/labelTxt/a.txt`,
      width: 30,
      height: 20,
      boxes: new Float32Array(),
      labels: new Int32Array(),
      difficult: new Uint8Array(),
      polygons: new Float32Array(),
      truncated: new Uint8Array(),
    });
    assert.deepEqual([image.width, image.height], [100, 80]);
    assert.deepEqual(
      [...image.boxes],
      [[0, 0, 4, 4.25], [90, 70, 110, 90], [1, 2, 3, 4]].flat(),
    );
    assert.deepEqual([...image.polygons.slice(0, 8)], [
      2.5,
      0,
      4,
      2,
      2,
      4.25,
      0,
      2,
    ]);
    assert.deepEqual(
      [...image.labels].map((label) => classes[label]),
      ["ship", "plane", "harbor"],
    );
    assert.deepEqual([...image.difficult], [1, 0, 0]);
    assert.deepEqual([...image.truncated], [0, 1, 0]);
    const full = await read({ dropEmpty: true });
    assert.deepEqual(full.images.map(({ id }) => id), ["b"]);
  });
});

Deno.test("readDota() cuts images, objects and pixels into patches as MMRotate does", async () => {
  for (const { name, inputs, params, outputs } of await goldenCases("dota")) {
    const images = { "P0.png": Buffer.from(inputs.image, "base64") };
    await withDota({ "P0.txt": inputs.labels }, images, async (read, root) => {
      const { images, classes } = await read({ patch: params });
      assert.equal(images.length, outputs.patches.length, name);
      for (const [index, expected] of outputs.patches.entries()) {
        const image = images[index];
        assert.equal(image.id, expected.id, name);
        assert.equal(image.window?.file, `${root}/train/images/P0.png`);
        assert.deepEqual({
          left: image.window.left,
          top: image.window.top,
          width: image.width,
          height: image.height,
          polygons: [...image.polygons],
          names: [...image.labels].map((label) => classes[label]),
          difficult: [...image.difficult],
          truncated: [...image.truncated],
        }, {
          left: expected.left,
          top: expected.top,
          width: expected.width,
          height: expected.height,
          polygons: expected.polygons.flat(),
          names: expected.names,
          difficult: expected.difficult,
          truncated: expected.truncated,
        }, `${name}, ${expected.id}`);
        const { data } = await loadImage(image);
        assert.deepEqual([...data.slice(-3)], expected.last, name);
        const sums = [0, 0, 0];
        data.forEach((value, at) => sums[at % 3] += value);
        const mean = sums.map((sum) => sum / (data.length / 3));
        assertClose(mean, expected.mean, { absolute: 1e-9 }, name);
      }
    });
  }
});

Deno.test("readDota() keeps an object in the patches that hold 0.7 of it", async () => {
  // Windows of 100 begin at 0 and 80 and share x from 80 to 100. Objects are 10
  // wide: of the first 7 are in the left window (8 in the right), of the second
  // 6 (9 in the right), the third 5 and 100.
  const text = [
    `${box(93, 0, 103, 5)} ship 0`,
    `${box(94, 5, 104, 9)} plane 0`,
    `${box(0, 9, 160, 12)} bridge 0`, // 100 of 160 in each: in none
  ].join("\n");
  const images = { "a.png": png(180, 50) };
  await withDota({ "a.txt": text }, images, async (read) => {
    const patch = { size: 100, overlap: 20 };
    const { images: [left, right], classes, warnings } = await read({ patch });
    const names = (labels: Int32Array) => [...labels].map((at) => classes[at]);
    assert.deepEqual(names(left.labels), ["ship"]);
    assert.deepEqual([...left.boxes], [93, 0, 103, 5]); // not cut
    assert.deepEqual([...left.truncated], [1]);
    assert.deepEqual(names(right.labels), ["ship", "plane"]);
    assert.deepEqual([...right.boxes], [13, 0, 23, 5, 14, 5, 24, 9]);
    assert.deepEqual([...right.truncated], [0, 0]);
    assert.deepEqual(right.window, {
      file: left.window?.file,
      left: 80,
      top: 0,
      width: 100,
      height: 50,
    });
    assert.deepEqual(warnings.map(({ kind, message }) => [kind, message]), [[
      "in no patch",
      "Skipped objects that no patch holds enough of: 1 (a.txt line 3 (bridge) has less than 0.7 of its area in each patch)",
    ]]);
    const all = await read({ patch: { ...patch, minimumOverlap: 0.6 } });
    assert.deepEqual(names(all.images[0].labels), ["ship", "plane", "bridge"]);
    // Patches of two sizes are images of their own.
    const small = await read({ patch: { size: 60, overlap: 0 } });
    assert.equal(concatenateDatasets([all, small]).images.length, 2 + 3);
  });
});

Deno.test("readDota() gives patches that batches are made of, each with a key of its own", async () => {
  const text = `${box(10, 10, 40, 40)} ship 0\n${box(110, 10, 140, 40)} ship 0`;
  const [width, height] = [160, 64];
  // Black to the left of x = 96, white from there.
  const pixels = Uint8Array.from(
    { length: width * height * 3 },
    (_, at) => Math.floor(at / 3) % width < 96 ? 0 : 255,
  );
  const images = { "a.png": encodePng(pixels, { width, height }) };
  await withDota({ "a.txt": text }, images, async (read) => {
    const dataset = await read({ patch: { size: 64, overlap: 16 } });
    const batches = createTrainingBatches({
      dataset,
      input: { kind: "stretch", width: 64, height: 64 },
      batchSize: 3,
      seed: 0,
      augmentation: { flips: false },
    });
    const { ids, images, keys, groundTruth } = await batches.prepare(0, 0);
    assert.equal(groundTruth, 2);
    assert.equal(new Set(keys).size, 3);
    // ImageNet's black and white of red: (0 or 255 − 123.675) / 58.395.
    const first = (id: string) => images[ids.indexOf(id) * 64 * 64 * 3];
    assertClose(
      [first("a__64__0___0"), first("a__64__96___0")],
      [-2.1179, 2.2489],
      { absolute: 1e-3 },
      "the upper left pixel",
    );
  });
});

Deno.test("readDota() skips objects without area or outside, with a counted warning each", async () => {
  const text = [
    "1 1 5 5 9 9 3 3 ship 0", // on a line
    `${box(100, 1, 110, 5)} ship 0`,
    `${box(1, -5, 10, 0)} ship 0`,
    `${box(1, 1, 2, 2)} ship 0`,
  ].join("\n");
  await withDota({ "a.txt": text }, { "a.png": png(100, 80) }, async (read) => {
    const { images: [image], warnings } = await read();
    assert.deepEqual([...image.boxes], [1, 1, 2, 2]);
    assert.deepEqual(warnings.map(({ kind, count }) => [kind, count]), [
      ["no area", 1],
      ["outside", 2],
    ]);
    assert.match(
      warnings[1].message,
      /: 2 \(a\.txt line 2 \(ship\) has corners \[100, 1, .*100x80 pixels; a\.txt line 3/,
    );
    await assert.rejects(read({ strict: true }), {
      name: "RangeError",
      message:
        /train\/labelTxt: a\.txt line 1 \(ship\) has corners \[1, 1, 5, 5, 9, 9, 3, 3\] and no area\. Correct or remove it, or read with strict: false$/,
    });
  });
});

Deno.test("readDota() fails on a wrong record, names it, and skips it with a warning when asked to", async () => {
  const good = `${box(1, 1, 9, 9)} ship 0`;
  const sound = { "a.png": png(100, 80) };
  const cases: [string, Record<string, Uint8Array>, string, string, RegExp][] =
    [
      ...[
        "1 2 3 ship 0",
        `${good} 7`,
        `${box(1, 1, 9, 9)} ship 2`,
        `${box(NaN, 1, 9, 9)} ship 0`,
        `${box(1e300, 1, 9, 9)} ship 0`,
        "a 1 1 1 2 2 1 2 ship 0",
      ].map((line): [string, typeof sound, string, string, RegExp] => [
        `gsd:1\n${good}\n${line}`,
        sound,
        "missing field",
        "SyntaxError",
        /a\.txt line 3 must be "x1 y1 .* difficult", eight finite numbers, a name, 0 or 1: current line is ".*"\. Correct or remove it/,
      ]),
      [
        `${good}\ngsd:1`, // a header after the objects
        sound,
        "missing field",
        "SyntaxError",
        /a\.txt line 2 must be .*current line is "gsd:1"/,
      ],
      [
        `${good}\n1 1 9 9 9 1 1 9 ship 0`,
        sound,
        "wrong box",
        "RangeError",
        /a\.txt line 2 \(ship\) has corners .* its sides cross\. Correct/,
      ],
      [
        `${good}\n${box(1, 1, 9, 9)} Shipp 0`,
        sound,
        "unknown class",
        "RangeError",
        /a\.txt line 2 \(Shipp\) is of an unknown class; the classes are plane, .*helicopter\. Did you mean ship\? Correct the name, or add it to classes, or/,
      ],
      [
        good,
        { ...sound, "a.jpg": png(2, 2) },
        "double id",
        "RangeError",
        /images\/a\.png has the name of images\/a\.jpg\. Remove one/,
      ],
      [
        good,
        { ...sound, "b.png": png(2, 2) },
        "missing annotation",
        "NotFound",
        /images\/b\.png has no label file b\.txt\. Add it, empty where/,
      ],
    ];
  for (const [text, images, kind, name, message] of cases) {
    await withDota({ "a.txt": text }, images, async (read) => {
      await assert.rejects(read(), (error: Error) => {
        assert.equal(error.name, name, error.message);
        assert.match(error.message, /^Cannot read annotations .*labelTxt: /);
        assert.match(error.message, message);
        assert.match(error.message, /, or read with skipBad: true$/);
        return true;
      });
      const { images, warnings } = await read({ skipBad: true });
      assert.deepEqual(images.map(({ labels }) => labels.length), [1]);
      assert.deepEqual(warnings.map(({ kind, count }) => [kind, count]), [
        [kind, 1],
      ]);
    });
  }
});

Deno.test("readDota() fails on an image that is missing or cannot be read, and skips it when asked to", async () => {
  const wide = png(2, 2);
  new DataView(wide.buffer, wide.byteOffset).setUint32(16, 1_000_000);
  new DataView(wide.buffer, wide.byteOffset).setUint32(20, 100);
  const cases: [Record<string, Uint8Array>, string, string, RegExp][] = [
    [
      {},
      "missing image",
      "NotFound",
      /: b\.txt is of the image .*images\/b, which is missing \(\.png or \.jpg\)\. Add/,
    ],
    [
      { "b.tif": new TextEncoder().encode("II*\0") },
      "unreadable image",
      "SyntaxError",
      /size of image .*images\/b\.tif: it is a TIFF file, not PNG or JPEG\. Convert/,
    ],
    [
      { "b.png": wide },
      "unreadable image",
      "RangeError",
      /b\.png: it must have at most 67108864 pixels: current size is 1000000x100/,
    ],
  ];
  for (const [images, kind, name, message] of cases) {
    const all = { "a.png": png(2, 2), ...images };
    await withDota({ "a.txt": "", "b.txt": "" }, all, async (read) => {
      await assert.rejects(read(), { name, message });
      const { images, warnings } = await read({ skipBad: true });
      assert.deepEqual(images.map(({ id }) => id), ["a"]);
      assert.deepEqual(warnings.map((one) => one.kind), [kind]);
    });
  }
});

Deno.test("readDota() fails when a folder is missing or empty, or no image is left", async () => {
  await withDota(
    { "a.txt": "" },
    { "a.png": png(2, 2) },
    async (read, root) => {
      await assert.rejects(read({ split: "val" }), {
        name: "NotFound",
        message: /val\/images is missing\. A split is a folder with images and/,
      });
      await assert.rejects(read({ dropEmpty: true }), {
        name: "RangeError",
        message: /labelTxt: no image is left of 1\. Correct the files, or/,
      });
      await Deno.remove(`${root}/train/labelTxt/a.txt`);
      await assert.rejects(read(), {
        name: "RangeError",
        message: /labelTxt: there is no label file\. Put/,
      });
      await Deno.remove(`${root}/train/labelTxt`);
      await assert.rejects(read(), {
        name: "NotFound",
        message: /train\/labelTxt is missing/,
      });
    },
  );
});

Deno.test("readDota() fails when an option is out of range", async () => {
  const cases: [Partial<DotaOptions>, RegExp][] = [
    [{ classes: [] }, /labelTxt: there is no class\. Name/],
    [{ classes: ["ship", "ship"] }, /class "ship" stands twice/],
    [{ patch: { size: 0 } }, /size must be a positive integer/],
    [
      { patch: { size: 200 } },
      /overlap must be .* less than size, 200: .* 200$/,
    ],
    ...[0, 1.1, -1, NaN].map((minimumOverlap): [
      Partial<DotaOptions>,
      RegExp,
    ] => [{ patch: { minimumOverlap } }, /minimumOverlap must be over 0 and/]),
  ];
  await withDota({ "a.txt": "" }, { "a.png": png(2, 2) }, async (read) => {
    for (const [options, message] of cases) {
      await assert.rejects(read(options), { name: "RangeError", message });
    }
  });
});
