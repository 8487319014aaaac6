import assert from "node:assert/strict";
import fc from "fast-check";
import {
  categoryIds,
  touchCocoImages,
  writeCocoScale,
} from "../../bench/coco_scale.ts";
import { type CocoOptions, readCoco } from "ldlab/data/coco.ts";
import { goldenCases } from "../golden.ts";
import { readCocoResults, writeCocoResults } from "ldlab/eval/coco_results.ts";

type Options = Omit<CocoOptions, "annotations" | "images">;
type Fields = Record<string, unknown>;

const file = (id: number | string, more: Fields = {}) => ({
  id,
  file_name: `${id}.jpg`,
  width: 100,
  height: 80,
  ...more,
});
const object = (id: number, image_id: unknown, more: Fields = {}) => ({
  id,
  image_id,
  category_id: 3,
  bbox: [10, 20, 30, 40],
  area: 600,
  iscrowd: 0,
  ...more,
});
const cat = { id: 3, name: "cat" };
const dog = { id: 90, name: "dog" };

/** A file of three images; the second has no annotation. */
const fixture = {
  info: { description: "three images" },
  images: [file(7), file(5), file(6, { file_name: "sub/6.jpg", height: 20 })],
  annotations: [
    object(100, 6, { category_id: 90, bbox: [1.5, 2, 3, 4.25], area: 9.5 }),
    object(101, 7, { segmentation: [[10, 20, 40, 20, 40, 60]] }),
    object(99, 7, {
      iscrowd: 1,
      segmentation: { counts: [5, 9], size: [100, 80] },
    }),
    object(102, 7, { category_id: 90, "ignore": 1 }),
  ],
  categories: [cat, dog],
};

/** Runs a test on the folder of a COCO file; images are those it names. */
async function withCoco(
  content: object | string,
  test: (
    read: (options?: Options) => ReturnType<typeof readCoco>,
    path: string,
  ) => Promise<void>,
): Promise<void> {
  const images = await Deno.makeTempDir();
  try {
    const annotations = `${images}/instances.json`;
    const isText = typeof content === "string";
    await Deno.writeTextFile(
      annotations,
      isText ? content : JSON.stringify(content),
    );
    await Deno.mkdir(`${images}/sub`);
    for (const name of ["5.jpg", "6.jpg", "7.jpg", "sub/6.jpg"]) {
      await Deno.writeTextFile(`${images}/${name}`, "");
    }
    await test(
      (options) => readCoco({ annotations, images, ...options }),
      annotations,
    );
  } finally {
    await Deno.remove(images, { recursive: true });
  }
}

/** Reads a file and expects it to fail so. */
async function expectBad(
  content: object | string,
  name: string,
  message: RegExp,
  options: Options = {},
): Promise<void> {
  await withCoco(content, async (read, path) => {
    await assert.rejects(read(options), (error: Error) => {
      assert.equal(error.name, name, error.message);
      assert.ok(
        error.message.startsWith(`Cannot read annotations ${path}: `),
        error.message,
      );
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("readCoco() reads images, boxes, labels, areas and crowds", async () => {
  await withCoco(fixture, async (read, path) => {
    const { name, classes, images, warnings, ids } = await read();
    const folder = path.slice(0, path.lastIndexOf("/"));
    assert.equal(name, "instances");
    assert.deepEqual(classes, ["cat", "dog"]);
    assert.deepEqual(warnings, []);
    assert.deepEqual(ids, {
      images: [{ id: 7 }, { id: 5 }, { id: 6 }],
      categories: [cat, dog],
    });
    assert.deepEqual(images[0], {
      id: "7",
      path: `${folder}/7.jpg`,
      annotation: `${path}, image id 7`,
      width: 100,
      height: 80,
      boxes: Float32Array.of(10, 20, 40, 60, 10, 20, 40, 60, 10, 20, 40, 60),
      labels: Int32Array.of(0, 0, 1),
      difficult: Uint8Array.of(0, 1, 1),
      areas: Float64Array.of(600, 600, 600),
      crowd: Uint8Array.of(0, 1, 0),
    });
    assert.equal(images[1].boxes.length, 0);
    assert.equal(images[2].path, `${folder}/sub/6.jpg`);
    assert.deepEqual([...images[2].boxes], [1.5, 2, 4.5, 6.25]);
    assert.deepEqual([...images[2].labels], [1]);
    assert.deepEqual([...images[2].areas!], [9.5]);
  });
});

Deno.test("readCoco() gives the images and boxes of MMDetection's CocoDataset", async () => {
  for (
    const { name, inputs, params, outputs } of await goldenCases("coco_dataset")
  ) {
    const images = await Deno.makeTempDir();
    try {
      const annotations = `${images}/instances.json`;
      await Deno.writeTextFile(annotations, JSON.stringify(inputs.file));
      for (const { file_name } of inputs.file.images) {
        await Deno.writeTextFile(`${images}/${file_name}`, "");
      }
      const dataset = await readCoco({
        annotations,
        images,
        classes: params.classes,
        dropEmpty: params.filter_empty_gt,
        minSide: params.min_size,
      });
      const found = dataset.images.map((image, index) => {
        // Ignored boxes, which it leaves out, are marked; so are crowds.
        const boxes = [...image.labels.keys()]
          .filter((g) => image.difficult[g] === image.crowd![g]);
        return {
          id: dataset.ids.images[index].id,
          width: image.width,
          height: image.height,
          boxes: boxes.map((g) => [...image.boxes.slice(g * 4, g * 4 + 4)]),
          labels: boxes.map((g) => image.labels[g]),
          ignored: boxes.map((g) => image.crowd![g]),
        };
      });
      const expected = outputs.images.map((
        { boxes, ...image }: { boxes: number[][] },
      ) => ({ ...image, boxes: boxes.map((box) => box.map(Math.fround)) }));
      assert.deepEqual(found, expected, name);
    } finally {
      await Deno.remove(images, { recursive: true });
    }
  }
});

Deno.test("readCoco() leaves out empty and small images when asked to", async () => {
  await withCoco(fixture, async (read) => {
    const left = async (options: Options) =>
      (await read(options)).images.map(({ id }) => id);
    assert.deepEqual(await left({ dropEmpty: true }), ["7", "6"]);
    assert.deepEqual(await left({ minSide: 20 }), ["7", "5", "6"]);
    assert.deepEqual(await left({ minSide: 21 }), ["7", "5"]);
    // An image with boxes of other classes only is empty.
    assert.deepEqual(await left({ dropEmpty: true, classes: ["cat"] }), ["7"]);
  });
});

Deno.test("readCoco() keeps an image whose only annotation is a crowd or skipped, as MMDetection's filter_empty_gt", async () => {
  const annotations = [
    object(1, 5, { iscrowd: 1 }),
    object(2, 6, { bbox: [1, 1, 0, 0] }),
  ];
  await withCoco({ ...fixture, annotations }, async (read) => {
    const { images } = await read({ dropEmpty: true });
    assert.deepEqual(images.map(({ id }) => id), ["5", "6"]);
  });
});

Deno.test("readCoco() labels by the order of classes, and leads back to category ids", async () => {
  await withCoco(fixture, async (read) => {
    const { classes, images, ids } = await read({ classes: ["dog", "cat"] });
    assert.deepEqual(classes, ["dog", "cat"]);
    assert.deepEqual([...images[0].labels], [1, 1, 0]);
    assert.deepEqual(ids.categories, [dog, cat]);
    const found = images.map(({ boxes, labels }) => ({
      boxes,
      labels,
      scores: new Float32Array(labels.length).fill(0.5),
    }));
    const json = writeCocoResults(found, ids);
    const results: Fields[] = JSON.parse(json);
    assert.deepEqual(
      results.map(({ image_id, category_id }) => [image_id, category_id]),
      [[7, 3], [7, 3], [7, 90], [6, 90]],
    );
    assert.deepEqual(readCocoResults(json, ids), found);
  });
  const some = { classes: ["dog"] };
  await withCoco(fixture, async (read) => {
    const { images } = await read(some);
    assert.deepEqual(images.map(({ labels }) => [...labels]), [[0], [], [0]]);
  });
});

Deno.test("readCoco() reads lists and fields in any order, and texts as image ids", async () => {
  const images = [file("5"), file("ü", { file_name: "7.jpg" })];
  const annotations = [
    {
      area: 600,
      bbox: [10, 20, 30, 40],
      category_id: 3,
      image_id: "ü",
      iscrowd: 0,
      id: 1,
    },
  ];
  const content = { categories: [cat], annotations, images };
  await withCoco(content, async (read) => {
    const dataset = await read();
    assert.deepEqual(dataset.images.map(({ labels }) => [...labels]), [[], [
      0,
    ]]);
    assert.deepEqual(dataset.ids.images, [{ id: "5" }, { id: "ü" }]);
  });
});

Deno.test("readCoco() takes width times height where there is no area", async () => {
  const { area: _, ...annotation } = object(1, 5);
  const content = { ...fixture, annotations: [annotation] };
  await withCoco(content, async (read) => {
    assert.deepEqual([...(await read()).images[1].areas!], [1200]);
  });
});

Deno.test("readCoco() skips boxes without area or outside as MMDetection, with a counted warning each", async () => {
  // CocoDataset.parse_data_info: w < 1, h < 1, area <= 0; no overlap
  const small = [{ bbox: [1, 1, 0.5, 9] }, { bbox: [1, 1, 9, 0] }, { area: 0 }];
  const outside = [[100, 1, 9, 9], [1, 80, 9, 9], [-9, 1, 9, 9], [1, -9, 9, 9]];
  const annotations = [
    ...small,
    ...outside.map((bbox) => ({ bbox })),
    { bbox: [-5, -5, 200, 200] }, // stays, not cut
  ].map((more, index) => object(index, 5, more));
  await withCoco({ ...fixture, annotations }, async (read, path) => {
    const { images, warnings } = await read();
    assert.deepEqual([...images[1].boxes], [-5, -5, 195, 195]);
    assert.deepEqual(warnings.map(({ kind, count }) => [kind, count]), [
      ["no area", 3],
      ["outside", 4],
    ]);
    assert.match(
      warnings[0].message,
      /^Skipped boxes of no area: 3 \(annotations\[0\] \(id 0\) has bbox \[1, 1, 0.5, 9\] and area 600: .*\)$/,
    );
    assert.match(warnings[1].message, /; and 1 more\)$/);
    await assert.rejects(read({ strict: true }), {
      name: "RangeError",
      message:
        `Cannot read annotations ${path}: annotations[0] (id 0) has bbox [1, 1, 0.5, 9] and area 600: less than a pixel wide or high, or no area. Correct or remove it, or read with strict: false`,
    });
  });
});

const text = JSON.stringify(fixture);
const withAnnotation = (annotation: unknown) => ({
  ...fixture,
  annotations: [object(1, 5), annotation],
});
const withImage = (image: unknown) => ({
  ...fixture,
  images: [file(5), image],
  annotations: [object(1, 5)],
});
/** Python's NaN and Infinity, which JSON.stringify does not write. */
const withNumber = (literal: string) =>
  JSON.stringify(withAnnotation(object(2, 5, { bbox: [1, "X", 3, 4] })))
    .replace('"X"', literal);

/** What is wrong, how the error goes, and of which kind the warning is. */
const badRecords: [object | string, string, RegExp, string][] = [
  ...["NaN", "Infinity", "-Infinity", "1e300", "1e999"].map((
    literal,
  ): [string, string, RegExp, string] => [
    withNumber(literal),
    "RangeError",
    new RegExp(
      `annotations\\[1\\] \\(id 2\\) has bbox \\[1, ${
        String(Number(literal)).replace("+", "\\+")
      }, 3, 4\\] and area 600, which must be finite`,
    ),
    "wrong box",
  ]),
  ...[{ bbox: [1, 2, -3, 4] }, { bbox: [1, 2, 3, -4] }, { area: -1 }].map((
    more,
  ): [object, string, RegExp, string] => [
    withAnnotation(object(2, 5, more)),
    "RangeError",
    /annotations\[1\] \(id 2\) has bbox .* not negative\. Correct or remove it, or read with skipBad: true$/,
    "wrong box",
  ]),
  [
    withAnnotation(object(1, 6)),
    "RangeError",
    /annotations\[1\] \(id 1\) has the id of annotations\[0\]\. Give it/,
    "double id",
  ],
  [
    withAnnotation(object(2, 8)),
    "RangeError",
    /annotations\[1\] \(id 2\) is of image_id 8, which no image has\. Add/,
    "unknown id",
  ],
  [
    withAnnotation(object(2, "5")),
    "RangeError",
    /annotations\[1\] \(id 2\) is of image_id "5", which no image has\. Add/,
    "unknown id",
  ],
  [
    withAnnotation(object(2, 5, { category_id: 4 })),
    "RangeError",
    /annotations\[1\] \(id 2\) is of category_id 4, which no category has/,
    "unknown id",
  ],
  ...["id", "image_id", "category_id", "bbox"].flatMap((field) =>
    [undefined, null, true, {}, [1, 2, "3", 4], [1, 2, 3]].map((
      value,
    ): [object, string, RegExp, string] => [
      withAnnotation(object(2, 5, { [field]: value })),
      "SyntaxError",
      new RegExp(
        `annotations\\[1\\].* must have an? "${field}", .*\\. Correct`,
      ),
      "missing field",
    ])
  ),
  [
    withAnnotation(object(2 ** 53, 5)),
    "SyntaxError",
    /annotations\[1\] \(id 9007199254740992\) must have an "id", an integer/,
    "missing field",
  ],
  [
    withAnnotation([1, { bbox: 2 }]),
    "SyntaxError",
    /annotations\[1\] must have an "id"/,
    "missing field",
  ],
  [
    withAnnotation(object(2, 5, { area: "9" })),
    "SyntaxError",
    /annotations\[1\] \(id 2\) must have as "area", if any, a number/,
    "missing field",
  ],
  ...["id", "file_name", "width", "height"].flatMap((field) =>
    [undefined, null, -1.5, []].map((
      value,
    ): [object, string, RegExp, string] => [
      withImage(file(6, { [field]: value })),
      "SyntaxError",
      new RegExp(`images\\[1\\].* must have an? .*"${field}"`),
      "missing field",
    ])
  ),
  ...[["width", 0], ["height", 0], ["file_name", ""]].map((
    [field, value],
  ): [object, string, RegExp, string] => [
    withImage(file(6, { [field]: value })),
    "SyntaxError",
    field === "file_name"
      ? /images\[1\] \(id 6\) must have a "file_name", a text/
      : /images\[1\] \(id 6\) must have a "width" and a "height", positive/,
    "missing field",
  ]),
  [
    withImage(file(5, { file_name: "6.jpg" })),
    "RangeError",
    /images\[1\] \(id 5\) has id 5, as images\[0\] has\. Correct or remove/,
    "double id",
  ],
  [
    withImage(file(6, { file_name: "5.jpg" })),
    "RangeError",
    /images\[1\] \(id 6\) has file_name "5\.jpg", as images\[0\] has/,
    "double id",
  ],
  [
    withImage(file(8)),
    "NotFound",
    /images\[1\] \(id 8\) is .*\/8\.jpg, which is missing\. Add the file/,
    "missing image",
  ],
  [
    withImage(file(8, { file_name: "none/8.jpg" })),
    "NotFound",
    /images\[1\] \(id 8\) is .*\/none\/8\.jpg, which is missing/,
    "missing image",
  ],
];

Deno.test("readCoco() fails on a wrong record, names it, and skips it with a warning when asked to", async () => {
  for (const [content, name, message, kind] of badRecords) {
    await expectBad(content, name, message);
    await withCoco(content, async (read) => {
      const { images, warnings } = await read({ skipBad: true });
      const [first, ...others] = warnings.filter((one) => one.kind === kind);
      assert.equal(first?.count, 1, String(message));
      assert.deepEqual(others, []);
      const image = images.find(({ id }) => id === "5");
      assert.equal(image?.labels.length, 1, first.message);
    });
  }
});

Deno.test("readCoco() fails wherever the file is cut off, and says in which record", async () => {
  await withCoco(fixture, async (read, path) => {
    const bytes = new TextEncoder().encode(text);
    for (let length = 0; length < bytes.length; length++) {
      await Deno.writeFile(path, bytes.subarray(0, length));
      for (const skipBad of [false, true]) {
        await assert.rejects(read({ skipBad }), (error: Error) => {
          assert.equal(error.name, "SyntaxError");
          assert.match(
            error.message,
            /instances\.json: it is not whole JSON: byte \d+: .* cut off.* Write or download the file again$/,
          );
          return true;
        });
      }
    }
  });
  await expectBad(
    text.slice(0, text.indexOf('"id":99')),
    "SyntaxError",
    /: byte \d+: .* it is cut off, in annotations\[2\]\. Write/,
  );
});

Deno.test("readCoco() fails when the file is not JSON or of another kind", async () => {
  const cases: [string | object, RegExp][] = [
    ["<html>", /not whole JSON: byte 0: a value should come, not "<"/],
    ["", /not whole JSON: byte 0: the text ends/],
    ["\xff", /not whole JSON: byte 0/],
    [text + "x", /not whole JSON: byte \d+: the end should come, not "x"/],
    [
      text.replace('"iscrowd":0', '"iscrowd":0,'),
      /a key in quotes should come, not "}", in annotations\[0\]/,
    ],
    [[], /must be an object with images, annotations, categories: .* array/],
    ["7", /must be an object .* kind number/],
    ["{}", /it has no "images"\. Is it a COCO annotation file\?/],
    [{ images: [], categories: [] }, /it has no "annotations"/],
    [{ ...fixture, images: {} }, /"images" must be an array: .* object/],
    [text.replace('{"info', '{"images":[],"info'), /it has "images" twice/],
    [
      { ...fixture, categories: [cat, { id: "4", name: "dog" }] },
      /categories\[1\] must have an integer "id" and a text "name"/,
    ],
  ];
  for (const [content, message] of cases) {
    await expectBad(content, "SyntaxError", message, { skipBad: true });
  }
});

Deno.test("readCoco() fails when categories or classes are wrong", async () => {
  const categories = (...list: object[]) => ({ ...fixture, categories: list });
  const cases: [object, Options, RegExp][] = [
    [categories(cat, { ...dog, id: 3 }), {}, /categories\[1\] has id 3, which/],
    [
      categories(cat, { ...dog, name: "cat" }),
      {},
      /categories 3 and 90 are both named "cat"/,
    ],
    [fixture, { classes: ["cat", "cat"] }, /class "cat" stands twice/],
    [
      fixture,
      { classes: ["Cat"] },
      /class "Cat" is not among its categories: cat, dog\. Did you mean "cat"\? Correct/,
    ],
    [
      fixture,
      { classes: ["zebra"] },
      /class "zebra" is not among its categories: cat, dog\. Correct the name/,
    ],
    [fixture, { classes: [] }, /there is no class\. Name at least one/],
  ];
  for (const [content, options, message] of cases) {
    await expectBad(content, "RangeError", message, options);
  }
});

Deno.test("readCoco() fails when no image is left, or an option is out of range", async () => {
  const none = /: no image is left of the 3 in the file/;
  await expectBad(fixture, "RangeError", none, { minSide: 101 });
  const minSides = [-1, NaN];
  for (const minSide of minSides) {
    await expectBad(fixture, "RangeError", /minSide must be/, { minSide });
  }
});

Deno.test("readCoco() fails when the file or the folder of images is missing", async () => {
  await withCoco(fixture, async (read, path) => {
    const images = `${path}.images`;
    await assert.rejects(readCoco({ annotations: path, images }), {
      name: "NotFound",
      message: /the folder of its images, .*\.images, is missing\. Give/,
    });
    await Deno.remove(path);
    await assert.rejects(read(), {
      name: "NotFound",
      message:
        /annotations .*instances\.json: the file is missing\. Give the path/,
    });
  });
});

Deno.test("readCoco() reads the boxes that JSON.parse reads, whatever fields and white space stand between", async () => {
  const extra = fc.dictionary(
    fc.string().filter((key) => !(key in object(1, 1)) && key !== "ignore"),
    fc.jsonValue({ maxDepth: 3 }),
    { maxKeys: 3 },
  );
  const side = fc.double({ min: 1, max: 70, noNaN: true });
  const annotation = fc.tuple(
    fc.constantFrom(5, 6, 7),
    fc.constantFrom(3, 90),
    fc.tuple(side, fc.double({ min: 0, max: 19, noNaN: true }), side, side),
    extra,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(annotation, { maxLength: 6 }),
      extra,
      fc.nat(3),
      async (list, top, indent) => {
        const annotations = list.map((
          [image_id, category_id, bbox, more],
          id,
        ) =>
          // A random key may be "__proto__", which only fromEntries takes.
          Object.fromEntries([
            ...Object.entries(more),
            ...Object.entries(object(id, image_id, { category_id, bbox })),
          ])
        );
        const content = JSON.stringify(
          Object.fromEntries([
            ...Object.entries(top),
            ...Object.entries({ ...fixture, annotations }),
          ]),
          null,
          indent,
        );
        await withCoco(content, async (read) => {
          const { images, ids } = await read();
          const parsed: { image_id: number; bbox: number[] }[] =
            JSON.parse(content).annotations;
          for (const [index, { id }] of ids.images.entries()) {
            const own = parsed.filter(({ image_id }) => image_id === id);
            assert.deepEqual(
              images[index].boxes,
              Float32Array.from(own.flatMap(({ bbox: [x, y, w, h] }) => [
                ...[x, y],
                ...[x + w, y + h],
              ])),
            );
          }
        });
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("readCoco() reads a file as COCO's, scaled down, as JSON.parse does", async () => {
  const images = await Deno.makeTempDir();
  try {
    const annotations = `${images}/instances.json`;
    touchCocoImages(images, 100);
    await writeCocoScale(annotations, {
      images: 100,
      boxes: 3000,
      corners: 20,
    });
    const dataset = await readCoco({ annotations, images, strict: true });
    const parsed: {
      annotations: { image_id: number; category_id: number; area: number }[];
    } = JSON.parse(await Deno.readTextFile(annotations));
    assert.equal(dataset.classes.length, 80);
    assert.equal(dataset.images.length, 100);
    for (const [index, { id }] of dataset.ids.images.entries()) {
      const own = parsed.annotations.filter(({ image_id }) => image_id === id);
      const { labels, areas } = dataset.images[index];
      assert.deepEqual([...areas!], own.map(({ area }) => area));
      assert.deepEqual(
        Array.from(labels, (label) => categoryIds[label]),
        own.map(({ category_id }) => category_id),
      );
    }
  } finally {
    await Deno.remove(images, { recursive: true });
  }
});
