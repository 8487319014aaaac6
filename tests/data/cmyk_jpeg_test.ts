import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { decodeCmykJpeg } from "ldlab/data/cmyk_jpeg.ts";
import { decodeJpeg } from "ldlab/data/jpeg.ts";
import { goldenCases } from "../golden.ts";

const fileOf = async (wanted: string) => {
  const [one] = await goldenCases("jpeg_cmyk", ({ name }) => name === wanted);
  return new Uint8Array(Buffer.from(one.inputs.file, "base64"));
};
const some = ["restarts by blocks", "progressive, restarts"];

Deno.test("decodeJpeg() gives OpenCV's pixels, each of them, of CMYK and YCCK files", async () => {
  for (const { name, inputs, outputs } of await goldenCases("jpeg_cmyk")) {
    const bytes = new Uint8Array(Buffer.from(inputs.file, "base64"));
    const image = await decodeJpeg(bytes);
    const { shape, data } = outputs.image;
    assert.deepEqual([image.height, image.width, 3], shape, name);
    assert.deepEqual([...image.data], data, name);
  }
});

Deno.test("decodeJpeg() fails when a CMYK file is cut short anywhere", async () => {
  for (const name of some) {
    const bytes = await fileOf(name);
    for (let length = 3; length < bytes.length; length += 7) {
      await assert.rejects(decodeJpeg(bytes.subarray(0, length), "print.jpg"), {
        name: "SyntaxError",
        message:
          /^Cannot read image print\.jpg: .*\. Copy the file again, or take/,
      }, `${length} bytes of ${name}`);
    }
  }
});

Deno.test("decodeCmykJpeg() gives an image or fails in its own words when a byte is damaged", async () => {
  for (const name of some) {
    const whole = await fileOf(name);
    let failures = 0;
    for (let at = 2; at < whole.length; at += 3) {
      const bytes = whole.slice();
      bytes[at] ^= 0x55;
      try {
        const { width, height, data } = decodeCmykJpeg(bytes);
        assert.equal(data.length, width * height * 3);
      } catch (error) {
        assert.ok(error instanceof SyntaxError, `byte ${at}: ${error}`);
        assert.match(error.message, /^(it|its|the|a) /);
        failures++;
      }
    }
    assert.ok(failures > 0);
  }
});

Deno.test("decodeJpeg() fails when a CMYK file is coded otherwise, has 12 bits or is too large", async () => {
  const sound = await fileOf("CMYK, noise, 37x29");
  const frame = sound.findIndex((byte, at) =>
    byte === 0xff && sound[at + 1] === 0xc0
  );
  const changed = (at: number, ...values: number[]) => {
    const bytes = sound.slice();
    bytes.set(values, frame + at);
    return bytes;
  };
  const cases: [Uint8Array, string, RegExp][] = [
    [changed(1, 0xc9), "SyntaxError", /its coding is not baseline or progr/],
    [changed(4, 12), "SyntaxError", /it has 12 bits a channel, not 8/],
    [changed(5, 255, 255, 255, 255), "RangeError", /size is 65535x65535/],
    [changed(11, 0x31, 0, 2, 0x21), "SyntaxError", /are of uneven sizes/],
  ];
  for (const [bytes, name, message] of cases) {
    await assert.rejects(decodeJpeg(bytes, "print.jpg"), { name, message });
  }
});
