import assert from "node:assert/strict";
import { cachedFile } from "ldlab/train/weight_source.ts";

const sha256 = "0123456789abcdef".repeat(4);
const at = (last: string) => `https://example.org/models/${last}`;

Deno.test("cachedFile() takes name and hash from a URL's last part", () => {
  for (
    const [last, name, hash] of [
      ["resnet50-0676ba61.pth", "resnet50-0676ba61.pth", "0676ba61"],
      [
        "gfl_r101_fpn_mstrain_2x_coco_20200629_200126-dd12f847.pth?raw=1#top",
        "gfl_r101_fpn_mstrain_2x_coco_20200629_200126-dd12f847.pth",
        "dd12f847",
      ],
      // More digits, as some of torchvision have
      ["a-f707e7126e.pt", "a-f707e7126e.pt", "f707e7126e"],
      ["a%2Db-0676ba61.safetensors", "a-b-0676ba61.safetensors", "0676ba61"],
    ]
  ) {
    assert.deepEqual(cachedFile({ url: at(last) }), { name, sha256: hash });
  }
});

Deno.test("cachedFile() puts a given hash into a name that does not carry it", () => {
  for (
    const [last, name] of [
      ["model.pth", "model-01234567.pth"],
      ["model-0123456789.pth", "model-0123456789.pth"],
      // Digits of another hash, a date, a version
      ["model-99999999.pth", "model-99999999-01234567.pth"],
      ["v1.5.safetensors", "v1.5-01234567.safetensors"],
    ]
  ) {
    const url = at(last);
    assert.deepEqual(cachedFile({ url, sha256 }), { name, sha256 });
    const capital = { url, sha256: sha256.toUpperCase() };
    assert.deepEqual(cachedFile(capital), { name, sha256 });
  }
});

Deno.test("cachedFile() refuses names that a path is made of", () => {
  for (
    const last of [
      "",
      "..",
      "%2e%2e",
      "a/../..",
      "..%2F..%2Fhome-0676ba61.pth",
      "%2Fetc%2Fa-0676ba61.pth",
      "..%5C..%5Ca-0676ba61.pth",
      "C:%5Ca-0676ba61.pth",
      "C:a-0676ba61.pth",
      "a%252F..-0676ba61.pth",
      ".hidden-0676ba61.pth",
      "-rf-0676ba61.pth",
      "a%00-0676ba61.pth",
      "a%0A-0676ba61.pth",
      "a b-0676ba61.pth",
      "%ff-0676ba61.pth",
      "%E2%80%AE-0676ba61.pth",
      `${"a".repeat(200)}-0676ba61.pth`,
      "a-0676ba61.exe",
      "a-0676ba61",
      "?a-0676ba61.pth",
    ]
  ) {
    assert.throws(
      () => cachedFile({ url: at(last) }),
      /^RangeError: .*its last part must be the name of a \.pth/,
      last,
    );
  }
});

Deno.test("cachedFile() refuses what is no address of the web, and says how files are given", () => {
  for (const url of ["file:///a-0676ba61.pth", "ftp://h/a-0676ba61.pth"]) {
    assert.throws(
      () => cachedFile({ url }),
      /^RangeError: .*must be 'https:' or 'http:'.*given as 'path'/,
    );
  }
  for (const url of ["a-0676ba61.pth", "/tmp/a-0676ba61.pth", ""]) {
    assert.throws(
      () => cachedFile({ url }),
      /^RangeError: .*no URL\. A file is given as 'path'/,
    );
  }
});

Deno.test("cachedFile() refuses a URL without a hash, and a hash that is none", () => {
  for (const last of ["a.pth", "a-0676ba6.pth", "a-0676bg61.pth"]) {
    assert.throws(
      () => cachedFile({ url: at(last) }),
      /^RangeError: .*Give its 'sha256', or fetch it yourself/,
    );
  }
  for (const wrong of ["", "0676ba61", `${sha256}0`, "g".repeat(64)]) {
    assert.throws(
      () => cachedFile({ url: at("a.pth"), sha256: wrong }),
      /^RangeError: .*'sha256' must be 64 hex digits/,
    );
  }
});
