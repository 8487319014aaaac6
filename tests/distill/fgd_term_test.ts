import "../everywhere.ts"; // registers the backends
import * as tf from "@tensorflow/tfjs-core";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { createDistillModules } from "ldlab/distill/distill_modules.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { FGD } from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import { assignBoxes } from "ldlab/regions/assignment.ts";
import { labelRegion, regionKey } from "ldlab/regions/region.ts";
import { assertClose, goldenCases, goldenTensors } from "../golden.ts";
import { goldenGroundTruth } from "../regions/golden_anchors.ts";

/** NCHW, as golden maps and filters are, to NHWC. */
const toNhwc = (map: tf.Tensor) =>
  tf.transpose(map, [0, 2, 3, 1]) as tf.Tensor4D;

Deno.test("distillLoss() of FGD, its parameters loaded by name, equals the released FeatureLoss", async () => {
  const golden = await goldenTensors("fgd");
  const cases = await goldenCases("fgd");
  for (const { name, inputs, params, outputs } of cases) {
    const fgd = {
      ...FGD.gfl.fgd,
      temperature: params.temp,
      foreground: params.alpha_fgd,
      background: params.beta_fgd,
      attention: params.gamma_fgd,
      relation: params.lambda_fgd,
    };
    const tensor = (key: string) => {
      const { shape, data } = golden.get(`${name}/${key}`)!;
      return tf.tensor(Float32Array.from(data), [...shape]);
    };
    const [B, , H, W] = golden.get(`${name}/student`)!.shape;
    const [height, width] = params.img_shape;
    const imageSize = { height, width };
    const anchors = makeAnchors({
      ...imageSize,
      strides: [8],
      levelSizes: [[H, W]],
    });
    const images = inputs.gt_bboxes.map((
      one: Parameters<typeof goldenGroundTruth>[0],
    ) => goldenGroundTruth(one));
    const weightsOf = (region: Parameters<typeof labelRegion>[0]) =>
      images.flatMap((gt: ReturnType<typeof goldenGroundTruth>) => {
        const gtIndex = new Int32Array(anchors.count).fill(-1);
        const assignment = assignBoxes(anchors, gt, { gtIndex, numClasses: 1 });
        const input = { anchors, gt, assignment, imageSize };
        return Array.from(labelRegion(region, input));
      });
    for (const backend of ["cpu", "tensorflow"]) {
      await tf.setBackend(backend);
      const modules = createDistillModules({ fgd }, {
        studentChannels: params.student_channels,
        teacherChannels: params.teacher_channels,
        levels: 1,
        seed: 1,
      });
      for (const [key, variable] of modules.parameters) {
        const value = tensor(key.replace("distill.fgd.0.", "param/"));
        const filter = value.rank === 4;
        variable.assign(
          filter
            ? tf.transpose(value, [2, 3, 1, 0])
            : tf.reshape(value, variable.shape),
        );
      }
      const size: [number, number] = [B, anchors.count];
      const logits = {
        classLogits: tf.zeros<tf.Rank.R3>([...size, 1]),
        boxLogits: tf.zeros<tf.Rank.R4>([...size, 4, 2]),
      };
      const loss = (student: tf.Tensor) =>
        distillLoss({
          student: { ...logits, features: [toNhwc(student)] },
          teacher: { ...logits, features: [toNhwc(tensor("teacher"))] },
          targets: {
            labels: tf.ones(size, "int32"),
            boxTargets: tf.zeros([...size, 4]),
          },
          regions: Object.fromEntries(
            termNeeds({ fgd }).regions.map((region) => [
              regionKey(region),
              tf.tensor2d(weightsOf(region), size),
            ]),
          ),
          scoreWeights: tf.ones(size),
          anchors,
          modules,
        }, { fgd }).losses.fgd;
      const { value, grad } = tf.valueAndGrad(loss)(tensor("student"));
      const what = `${name} on ${backend}`;
      assertClose(
        await value.data(),
        outputs.loss.data,
        { relative: 1e-5 },
        what,
      );
      assertClose(
        await grad.data(),
        golden.get(`${name}/grad/student`)!.data,
        { ofLargest: 2e-5 },
        what,
      );
      modules.dispose();
    }
  }
});
