import assert from "node:assert/strict";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { fgdBackground, fgdForeground } from "ldlab/regions/fgd_weights.ts";
import { assertClose, goldenCases, goldenTensors } from "../golden.ts";
import { goldenGroundTruth } from "./golden_anchors.ts";

Deno.test("fgdForeground() and fgdBackground() weigh cells as FGD's feature loss", async () => {
  // tests/golden/fgd.json: FeatureLoss of yzd-v/FGD. Its masks show in the loss
  // only: (Σ alpha fg d + beta bg d) / N, d the squared differences of the
  // features times the teacher's attentions, which the file has.
  const tensors = await goldenTensors("fgd");
  const [{ name, params, inputs, outputs }] = await goldenCases(
    "fgd",
    ({ params }) => params.gamma_fgd === 0 && params.lambda_fgd === 0,
  );
  const student = tensors.get(`${name}/student`)!;
  const teacher = tensors.get(`${name}/teacher`)!;
  const inSpace = tensors.get(`${name}/out/S_attention_t`)!.data;
  const inChannels = tensors.get(`${name}/out/C_attention_t`)!.data;
  const [images, channels, H, W] = student.shape;
  const [height, width] = params.img_shape;
  const imageSize = { height, width };
  const anchors = makeAnchors({
    ...imageSize,
    strides: [8],
    levelSizes: [[H, W]],
  });
  let loss = 0;
  for (let image = 0; image < images; image++) {
    const gt = goldenGroundTruth(inputs.gt_bboxes[image]);
    const foreground = fgdForeground(anchors, gt, { imageSize });
    const background = fgdBackground(anchors, gt, { imageSize });
    for (let cell = 0; cell < H * W; cell++) {
      const weight = params.alpha_fgd * foreground[cell] +
        params.beta_fgd * background[cell];
      for (let channel = 0; channel < channels; channel++) {
        const at = (image * channels + channel) * H * W + cell;
        loss += weight * (student.data[at] - teacher.data[at]) ** 2 *
          inSpace[image * H * W + cell] *
          inChannels[image * channels + channel];
      }
    }
  }
  assertClose([loss / images], outputs.loss.data, { relative: 1e-5 });
});

const imageSize = { height: 32, width: 64 };
const anchors = makeAnchors({ ...imageSize, strides: [8, 16] });

function both(boxes: number[][], valid?: Uint8Array) {
  const gt = {
    boxes: new Float32Array(boxes.flat()),
    labels: new Int32Array(boxes.length),
  };
  const options = { imageSize, valid };
  return {
    foreground: fgdForeground(anchors, gt, options),
    background: fgdBackground(anchors, gt, options),
  };
}

Deno.test("fgdForeground() spreads 1 over the cells of a box on each level", () => {
  // P3: columns floor(1.25) to ceil(2.5), rows floor(1) to ceil(1.5): 3 x 2.
  // P4: columns floor(0.625) to ceil(1.25), rows 0 to 1: 3 x 2.
  const { foreground } = both([[10, 8, 20, 12]]);
  const [p3, p4] = [foreground.subarray(0, 32), foreground.subarray(32)];
  const cells = (level: Float32Array) =>
    [...level].flatMap((weight, cell) => weight > 0 ? [cell] : []);
  assert.deepEqual(cells(p3), [9, 10, 11, 17, 18, 19]);
  assert.deepEqual(cells(p4), [0, 1, 2, 4, 5, 6]);
  for (const weight of foreground) {
    assert.ok(weight === 0 || weight === Math.fround(1 / 6));
  }
});

Deno.test("fgdForeground() has the weight of the smallest box where boxes overlap", () => {
  const { foreground } = both([[10, 8, 20, 12], [12, 9, 13, 10]]);
  assert.equal(foreground[8 + 1], Math.fround(1 / 4)); // 1 to 2, both ways
  assert.equal(foreground[8 + 3], Math.fround(1 / 6));
});

Deno.test("fgdForeground() divides by cells beyond the map too, as the reference", () => {
  const { foreground } = both([[56, 24, 64, 32]]); // columns 7 to 8, rows 3 to 4
  assert.equal(foreground[31], 0.25);
  assert.equal(foreground.subarray(0, 32).reduce((a, b) => a + b), 0.25);
});

Deno.test("fgdForeground() leaves other rows alone where a box begins left of the map or ends right of it", () => {
  for (const [x1, x2, edge] of [[-20, 4, 0], [60, 90, 7]]) {
    const { foreground } = both([[x1, 8, x2, 16]]); // rows 1 to 2 of P3
    const rows = [0, 1, 2, 3].map((row) =>
      foreground.subarray(row * 8, row * 8 + 8)
    );
    assert.deepEqual(rows.map((row) => row[edge] > 0), [
      false,
      true,
      true,
      false,
    ]);
    assert.ok(rows.every((row) => row[7 - edge] === 0));
  }
});

Deno.test("fgdBackground() is 1 in all on each level, wherever there is any", () => {
  for (
    const boxes of [[], [[10, 8, 20, 12]], [[0, 0, 1, 1], [60, 20, 64, 32]]]
  ) {
    const { foreground, background } = both(boxes);
    for (const { start, count } of anchors.levels) {
      const level = background.subarray(start, start + count);
      assert.ok(Math.abs(level.reduce((a, b) => a + b) - 1) < 1e-6);
    }
    assert.ok(
      background.every((weight, cell) => weight > 0 !== foreground[cell] > 0),
    );
  }
  const { background } = both([[0, 0, 64, 32]]);
  assert.ok(background.every((weight) => weight === 0));
});

Deno.test("fgdBackground() shares among valid cells only", () => {
  const valid = new Uint8Array(anchors.count);
  valid.fill(1, 0, 4);
  const { foreground, background } = both([[0, 0, 4, 4]], valid);
  assert.deepEqual([...foreground.subarray(0, 4)], [0.25, 0.25, 0, 0]);
  assert.deepEqual([...background.subarray(0, 5)], [0, 0, 0.5, 0.5, 0]);
});

Deno.test("fgdForeground() and fgdBackground() give all anchors of a cell the weight of one alone", () => {
  const nine = makeAnchors({
    ...imageSize,
    strides: [8, 16],
    scale: [4, 5, 6],
    ratios: [0.5, 1, 2],
  });
  const gt = {
    boxes: new Float32Array([10, 8, 20, 12]),
    labels: new Int32Array(1),
  };
  // The second row of P3 takes no part.
  const valid = new Uint8Array(anchors.count).fill(1).fill(0, 8, 16);
  const each = (ones: Uint8Array) =>
    Uint8Array.from({ length: nine.count }, (_, i) => ones[Math.floor(i / 9)]);
  for (const weigh of [fgdForeground, fgdBackground]) {
    for (const ones of [undefined, valid]) {
      const one = weigh(anchors, gt, { imageSize, valid: ones });
      const all = weigh(nine, gt, { imageSize, valid: ones && each(ones) });
      assert.ok(one.some((weight) => weight > 0));
      assert.deepEqual(
        all,
        Float32Array.from(all, (_, i) => one[Math.floor(i / 9)]),
      );
    }
  }
});

Deno.test("fgdForeground() rejects what does not fit", () => {
  const gt = { boxes: new Float32Array(0), labels: new Int32Array(0) };
  assert.throws(
    () => fgdForeground(anchors, gt, { imageSize: { height: 0, width: 8 } }),
    {
      name: "RangeError",
      message: "Cannot weigh cells: height and width must be positive: " +
        "current size is 0 x 8",
    },
  );
  assert.throws(() => both([], new Uint8Array(3)), TypeError);
  assert.throws(() => both([[1]]), TypeError);
});
