import assert from "node:assert/strict";
import { parseVocAnnotation } from "ldlab/data/voc_annotation.ts";

const size = "<size><width>20</width><height>10</height></size>";
const bndbox =
  "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox>";
const parse = (inside: string) =>
  parseVocAnnotation(`<annotation>${inside}</annotation>`, "a.xml");

Deno.test("parseVocAnnotation() reads size and objects, and keeps names as text", () => {
  const parsed = parse(
    `${size}<object><name>1</name><difficult>1</difficult>${bndbox}</object>` +
      `<object><name>cell &amp; wall</name>${bndbox}</object>`,
  );
  assert.deepEqual(parsed, {
    width: 20,
    height: 10,
    objects: [
      { name: "1", box: [1, 2, 3, 4], difficult: true },
      { name: "cell & wall", box: [1, 2, 3, 4], difficult: false },
    ],
  });
});

Deno.test("parseVocAnnotation() keeps fractions of pixels, as VOC 2011 has them", () => {
  const { objects } = parse(
    `${size}<object><name>a</name>${bndbox.replace(">1<", ">1.5<")}</object>`,
  );
  assert.deepEqual(objects[0].box, [1.5, 2, 3, 4]);
});

Deno.test("parseVocAnnotation() accepts an image without objects", () => {
  assert.deepEqual(parse(size).objects, []);
});

Deno.test("parseVocAnnotation() fails when the text is not XML", () => {
  for (
    const text of [
      "",
      "{}",
      "<annotation><size></annotation>",
      "<a>1</a",
      "\x00\x01",
    ]
  ) {
    assert.throws(() => parseVocAnnotation(text, "cells/a.xml"), {
      name: "SyntaxError",
      message:
        /^Cannot read annotation cells\/a\.xml: it is not XML \(line \d+: .+\)\. Write the file again/,
    }, JSON.stringify(text));
  }
});

Deno.test("parseVocAnnotation() fails when the XML is of another kind", () => {
  assert.throws(() => parseVocAnnotation("<svg></svg>", "a.xml"), {
    name: "SyntaxError",
    message: /a\.xml: it has no <annotation> element/,
  });
});

Deno.test("parseVocAnnotation() fails when the size is missing or no size", () => {
  const sizes = [
    "",
    "<size/>",
    size.replace("20", "0"),
    size.replace("10", "x"),
  ];
  for (const text of sizes) {
    assert.throws(() => parse(`${text}<segmented>0</segmented>`), {
      name: "SyntaxError",
      message:
        /a\.xml: <size> must give the image's width and height in pixels: current (width|height) is .+\. Add the size/,
    }, text);
  }
});

Deno.test("parseVocAnnotation() fails when an object lacks its name or a corner", () => {
  const second = (object: string) => () =>
    parse(
      `${size}<object><name>a</name>${bndbox}</object><object>${object}</object>`,
    );
  assert.throws(second(bndbox), {
    name: "SyntaxError",
    message: /a\.xml: object 1 has no <name>/,
  });
  assert.throws(second("<name>b</name>"), {
    name: "SyntaxError",
    message:
      /a\.xml: object 1 \(b\) must have a <bndbox> with a number as xmin/,
  });
  const wrong = bndbox.replace(">4<", ">four<");
  assert.throws(second(`<name>b</name>${wrong}`), {
    name: "SyntaxError",
    message: /a number as ymax: current value is "four"\. Correct or remove/,
  });
});
