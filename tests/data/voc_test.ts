import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readVoc } from "ldlab/data/voc.ts";

const bccd = fileURLToPath(new URL("../../data/bccd", import.meta.url));
const classes = ["RBC", "WBC", "Platelets"];

/** The text of an annotation of a 100x80 image. */
function annotation(...objects: [string, ...number[]][]): string {
  return `<annotation><size><width>100</width><height>80</height></size>${
    objects.map(([name, x1, y1, x2, y2]) =>
      `<object><name>${name}</name><bndbox><xmin>${x1}</xmin><ymin>${y1}</ymin>` +
      `<xmax>${x2}</xmax><ymax>${y2}</ymax></bndbox></object>`
    ).join("")
  }</annotation>`;
}

/** Runs a test on a VOC folder with these annotations, all in split `all`. */
async function withVoc(
  annotations: Record<string, string>,
  test: (root: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    for (const folder of ["ImageSets/Main", "Annotations", "JPEGImages"]) {
      await Deno.mkdir(`${root}/${folder}`, { recursive: true });
    }
    for (const [id, text] of Object.entries(annotations)) {
      await Deno.writeTextFile(`${root}/Annotations/${id}.xml`, text);
      await Deno.writeTextFile(`${root}/JPEGImages/${id}.jpg`, "");
    }
    const list = Object.keys(annotations).join("\n");
    await Deno.writeTextFile(`${root}/ImageSets/Main/all.txt`, list);
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Reads one annotation and expects it to fail so. */
async function expectBad(text: string, name: string, message: RegExp) {
  await withVoc({ cell: text }, async (root) => {
    await assert.rejects(readVoc(root, { split: "all", classes }), (error) => {
      assert.equal((error as Error).name, name);
      assert.match((error as Error).message, message);
      assert.match((error as Error).message, /\/Annotations\/cell\.xml/);
      return true;
    });
  });
}

Deno.test("readVoc() reads all of BCCD, as ElementTree counts it", async () => {
  const [trainval, test] = await Promise.all(
    ["trainval", "test"].map((split) => readVoc(bccd, { split, classes })),
  );
  assert.equal(trainval.images.length, 292);
  assert.equal(test.images.length, 72);
  // Python's xml.etree over the 364 files: RBC 4155, WBC 372, Platelets 361;
  // two of RBC have no area.
  const counts = [0, 0, 0];
  for (const image of [...trainval.images, ...test.images]) {
    for (const label of image.labels) counts[label]++;
    assert.equal(image.boxes.length, image.labels.length * 4);
    assert.equal(image.difficult.length, image.labels.length);
  }
  assert.deepEqual(counts, [4153, 372, 361]);
  assert.equal(trainval.name, "bccd/trainval");
});

Deno.test("readVoc() keeps the list's order, raw coordinates and paths", async () => {
  const { images } = await readVoc(bccd, { split: "trainval", classes });
  const list = await Deno.readTextFile(`${bccd}/ImageSets/Main/trainval.txt`);
  assert.deepEqual(images.map(({ id }) => id), list.trim().split("\n"));
  const image = images.find(({ id }) => id === "BloodImage_00000");
  assert.ok(image);
  // As the file has it: no 1 subtracted.
  assert.deepEqual([...image.boxes.slice(0, 4)], [260, 177, 491, 376]);
  assert.equal(image.labels[0], 1);
  assert.deepEqual([image.width, image.height], [640, 480]);
  assert.ok(image.path.endsWith("JPEGImages/BloodImage_00000.jpg"));
});

Deno.test("readVoc() skips BCCD's two boxes of no area with one counted warning", async () => {
  const { warnings } = await readVoc(bccd, { split: "trainval", classes });
  assert.equal(warnings.length, 1);
  assert.equal(warnings[0].kind, "no area");
  assert.equal(warnings[0].count, 2);
  assert.match(
    warnings[0].message,
    /^Skipped boxes of no area: 2 \(.*BloodImage_00338\.xml object 12 \(RBC \[504, 337, 504, 337\]\).*BloodImage_00343\.xml object 3/,
  );
});

Deno.test("readVoc() fails on boxes of no area when strict", async () => {
  await assert.rejects(
    readVoc(bccd, { split: "trainval", classes, strict: true }),
    {
      name: "RangeError",
      message:
        /BloodImage_00338\.xml: object 12 \(RBC .*\) has no area\. Correct or remove the object, or read with strict: false/,
    },
  );
});

Deno.test("readVoc() cuts boxes partly outside, with one warning that names three", async () => {
  const text = annotation(["RBC", -5, 10, 20, 30], ["WBC", 90, 70, 101, 81]);
  await withVoc({ a: text, b: text }, async (root) => {
    const { images, warnings } = await readVoc(root, { split: "all", classes });
    assert.deepEqual(
      [...images[0].boxes],
      [0, 10, 20, 30, 90, 70, 100, 80],
    );
    assert.deepEqual(warnings.map(({ kind, count }) => [kind, count]), [
      ["clamped", 4],
    ]);
    assert.match(warnings[0].message, /^Cut boxes at their image's border: 4 /);
    assert.match(warnings[0].message, /; and 1 more\)$/);
    await assert.rejects(
      readVoc(root, { split: "all", classes, strict: true }),
      {
        name: "RangeError",
        message:
          /a\.xml: object 0 \(RBC .*\) reaches outside its image of 100x80/,
      },
    );
  });
});

Deno.test("readVoc() accepts an image without boxes, and boxes that touch the border", async () => {
  const texts = { a: annotation(), b: annotation(["RBC", 0, 0, 100, 80]) };
  await withVoc(texts, async (root) => {
    const options = { split: "all", classes, strict: true };
    const { images, warnings } = await readVoc(root, options);
    assert.deepEqual(images.map(({ labels }) => labels.length), [0, 1]);
    assert.deepEqual(warnings, []);
  });
});

Deno.test("readVoc() keeps difficult objects and marks them", async () => {
  const text = annotation(["RBC", 1, 1, 9, 9], ["WBC", 2, 2, 8, 8])
    .replace("<name>WBC</name>", "<name>WBC</name><difficult>1</difficult>");
  await withVoc({ a: text }, async (root) => {
    const { images } = await readVoc(root, { split: "all", classes });
    assert.deepEqual([...images[0].difficult], [0, 1]);
  });
});

Deno.test("readVoc() fails when an annotation is not XML or lacks a size", async () => {
  await expectBad("{}", "SyntaxError", /is not XML/);
  await expectBad("<annotation><a/></annotation>", "SyntaxError", /<size>/);
});

Deno.test("readVoc() fails when a class is unknown", async () => {
  await expectBad(
    annotation(["RBC", 1, 1, 9, 9], ["Rbc", 1, 1, 9, 9]),
    "RangeError",
    /object 1 \(Rbc \[1, 1, 9, 9\]\) is of an unknown class; the classes are RBC, WBC, Platelets\. Did you mean RBC\? Correct the name, or add/,
  );
});

Deno.test("readVoc() fails when a box is inverted or wholly outside", async () => {
  for (const box of [[9, 1, 1, 9], [1, 9, 9, 1], [50, 9, 2, 9]]) {
    await expectBad(
      annotation(["RBC", ...box]),
      "RangeError",
      /object 0 .* is inverted: .*Swap the corners or remove/,
    );
  }
  for (const box of [[100, 1, 120, 9], [1, 80, 9, 90], [-9, 1, 0, 9]]) {
    await expectBad(
      annotation(["RBC", ...box]),
      "RangeError",
      /lies outside its image of 100x80 pixels\. Correct or remove/,
    );
  }
});

Deno.test("readVoc() fails when the split is missing, empty or has doubles", async () => {
  await withVoc({ a: annotation(), b: annotation() }, async (root) => {
    const list = `${root}/ImageSets/Main/all.txt`;
    await assert.rejects(readVoc(root, { split: "none", classes }), {
      name: "NotFound",
      message: /Main\/none\.txt is missing\. Name a list/,
    });
    await Deno.writeTextFile(list, "\n  \n");
    await assert.rejects(readVoc(root, { split: "all", classes }), {
      name: "RangeError",
      message: /Main\/all\.txt: it names no image\. Write an image id a line/,
    });
    await Deno.writeTextFile(list, "a\r\nb\r\na\r\n");
    await assert.rejects(readVoc(root, { split: "all", classes }), {
      name: "RangeError",
      message: /Main\/all\.txt: a \(name 3\) stands there twice/,
    });
  });
});

Deno.test("readVoc() fails when a split names a missing annotation or image", async () => {
  await withVoc({ a: annotation(), b: annotation() }, async (root) => {
    const image = `${root}/JPEGImages/b.jpg`;
    await Deno.rename(image, `${image}.gone`);
    await assert.rejects(readVoc(root, { split: "all", classes }), {
      name: "NotFound",
      message:
        /^Cannot read b of split all: its image .*JPEGImages\/b\.jpg is missing\. Add the file, or take b out of/,
    });
    await Deno.rename(`${image}.gone`, image);
    await Deno.remove(`${root}/Annotations/a.xml`);
    await assert.rejects(readVoc(root, { split: "all", classes }), {
      name: "NotFound",
      message:
        /^Cannot read a of split all: its annotation .*a\.xml is missing/,
    });
  });
});
