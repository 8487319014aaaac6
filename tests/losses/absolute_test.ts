import type * as tf from "@tensorflow/tfjs-core";
import { absolute } from "ldlab/losses/absolute.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose } from "../golden.ts";

Deno.test("absolute() has PyTorch's gradient: 0 at 0", async () => {
  const x = { shape: [5], data: [-1e4, -0.5, 0, 0.5, 1e4] };
  const f = ({ x }: Record<string, tf.Tensor>) => absolute(x);
  for (const [place, found] of await everywhere(f, { x }, ["x"])) {
    assertClose(found.value, [1e4, 0.5, 0, 0.5, 1e4], {}, place);
    assertClose(found.gradients.x, [-1, -1, 0, 1, 1], {}, place);
  }
});
