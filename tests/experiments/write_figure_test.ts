import assert from "node:assert/strict";
import { writeFigure } from "../../experiments/write_figure.ts";

const figure = { data: [], layout: {} };

Deno.test("writeFigure() refuses names that lead elsewhere, and unknown widths", async () => {
  for (const name of ["", "../a", "a/b", "a.png", "a b"]) {
    await assert.rejects(writeFigure(figure, name), {
      name: "RangeError",
      message: /its name must be of letters.*current value is/,
    });
  }
  const columns = "triple" as "single";
  await assert.rejects(writeFigure(figure, "a", { columns }), {
    name: "RangeError",
    message: /columns must be single or/,
  });
});
