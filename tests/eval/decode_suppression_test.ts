import { makeAnchors } from "ldlab/boxes/anchors.ts";
import type { Suppression } from "ldlab/boxes/suppress.ts";
import { decodeDetections } from "ldlab/eval/decode_detections.ts";
import { assertClose } from "../golden.ts";

// Boxes a, (0, 0, 8, 8), and b, (0, 0, 16, 8), of each of two classes: IoU 0.5,
// P = 16 / 320. Of the first class a scores 0.9 and b 0.1, of the second 0.2 and 0.8.
const [first, second] = [{ a: 0.9, b: 0.1 }, { a: 0.2, b: 0.8 }];
const P = 16 / 320;
const spm = Math.exp(-(0.5 ** 2) / 0.2);
const vote = Math.exp(-((1 - (0.5 - P ** 0.8)) ** 2) / 0.1);
const other = Math.exp(-1 / 0.1);
// Label, score and right side of each detection, by the formulas.
const both = [[0, first.a, 8], [1, second.b, 16]];
const suppressed: [Suppression | undefined, number[][]][] = [
  [undefined, both],
  [{ kind: "nms" }, both],
  [{ kind: "nms", classAgnostic: true }, both.slice(0, 1)],
  [
    { kind: "softNms" },
    [...both, [1, second.a * 0.5, 8], [0, first.b * 0.5, 16]],
  ],
  [
    { kind: "softNms", method: "gaussian", sigma: 0.25, minScore: 0.05 },
    [...both, [1, second.a / Math.E, 8]],
  ],
  [
    { kind: "softNms", classAgnostic: true },
    [both[0], [1, second.b * 0.5, 16]], // nothing is left of the other two
  ],
  [{ kind: "clusterNms" }, both],
  [{ kind: "clusterNms", measure: "diou" }, both], // DIoU 0.43
  [
    { kind: "clusterNms", measure: "diou", beta: 0.5 }, // DIoU 0.28
    [...both, [1, second.a, 8], [0, first.b, 16]],
  ],
  [
    { kind: "scorePenaltyNms" },
    [...both, [1, second.a * spm, 8], [0, first.b * spm, 16]],
  ],
  [
    { kind: "scorePenaltyNms", distanceExponent: 0.6, minScore: 0.05 },
    [...both, [1, second.a * (spm + P ** 0.6), 8]],
  ],
  [
    { kind: "scorePenaltyNms", minScore: 0.1, mergeAbove: 0.4 },
    both.map(([label, score]) => [
      label,
      score,
      label === 0
        ? (first.a * 8 + 0.5 * first.b * spm * 16) /
          (first.a + 0.5 * first.b * spm)
        : (second.b * 16 + 0.5 * second.a * spm * 8) /
          (second.b + 0.5 * second.a * spm),
    ]),
  ],
  [
    { kind: "votingClusterDiouNms", voteThreshold: 0.4, sigma: 0.1 },
    [
      [
        0,
        first.a,
        (8 * (first.a + other * second.a) +
          16 * (vote * first.b + other * second.b)) /
        (first.a + vote * first.b + other * (second.a + second.b)),
      ],
      [
        1,
        second.b,
        (16 * (second.b + other * first.b) +
          8 * (vote * second.a + other * first.a)) /
        (second.b + vote * second.a + other * (first.a + first.b)),
      ],
    ],
  ],
];

for (const [suppression, expected] of suppressed) {
  Deno.test(`decodeDetections() suppresses when told ${JSON.stringify(suppression)}`, () => {
    const strides = [[-99, -99, 0], [-99, 0, -99], [-99, 0, -99], [
      -99,
      0,
      -99,
    ]];
    const { boxes, scores, labels } = decodeDetections({
      classLogits: Float32Array.from(
        [first.a, second.a, first.b, second.b],
        (score) => Math.log(score / (1 - score)),
      ),
      boxLogits: new Float32Array([...strides, ...strides].flat()),
      anchors: makeAnchors({
        height: 8,
        width: 16,
        strides: [8],
        levelSizes: [[1, 2]],
      }),
      imageSize: { height: 8, width: 16 },
      iouThreshold: 0.4,
      suppression,
    });
    const found = [...labels].flatMap((label, i) => [
      label,
      scores[i],
      boxes[i * 4 + 2],
    ]);
    assertClose(found, expected.flat(), { relative: 1e-5 });
  });
}
