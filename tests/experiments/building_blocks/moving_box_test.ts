import assert from "node:assert/strict";
import { movingBoxFigure } from "../../../experiments/building_blocks/moving_box.ts";

// deno-lint-ignore no-explicit-any
type Trace = any;

Deno.test("movingBoxFigure() pulls LD to the teacher's box, GIoU to the true one, and shuts TBR's gate", async () => {
  const { data } = await movingBoxFigure({ epsilons: [0.1, 0.4] });
  const curve = (name: string): { x: number[]; y: number[] } =>
    data.find((trace: Trace) => trace.name === name) as Trace;
  const lowest = ({ x, y }: { x: number[]; y: number[] }) =>
    x[y.indexOf(Math.min(...y))];
  assert.equal(lowest(curve("LD, edges 0.7 strides wide")), 0.8);
  assert.equal(lowest(curve("LD, edges 1 strides wide")), 0.8);
  assert.equal(lowest(curve("GIoU")), 0);
  for (const epsilon of [0.1, 0.4]) {
    const giou = curve("GIoU");
    const tbr = curve(`TBR, ε = ${epsilon}`);
    tbr.x.forEach((shift, at) => {
      // A box of shift d is d √2 off; the gate is open while that is more than
      // the teacher's 0.8 √2 less ε.
      const open = Math.abs(shift) * Math.SQRT2 + epsilon > 0.8 * Math.SQRT2;
      assert.equal(tbr.y[at], open ? giou.y[at] : 0, `${shift}`);
    });
  }
  // Boxes of 6 × 5 that are 2 off share 4 × 5 of 8 × 5, and fill their hull.
  assert.ok(Math.abs(curve("GIoU").y[0] - (1 - 4 / 8)) < 1e-6);
});
