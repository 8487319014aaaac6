import assert from "node:assert/strict";
import { palette, stillFigure } from "ldlab/report/figure.ts";

Deno.test("stillFigure() takes controls away and keeps everything else", () => {
  const data = [{ y: [1, 2] }];
  const figure = {
    data,
    layout: {
      width: 300,
      height: 400,
      margin: { l: 5, b: 150 },
      meta: { controls: 100 },
      sliders: [{}],
      updatemenus: [{}],
    },
  };
  assert.deepEqual(stillFigure(figure), {
    data,
    layout: { width: 300, height: 300, margin: { l: 5, b: 50 } },
  });
  assert.equal(figure.layout.sliders.length, 1, "the figure is not changed");
});

Deno.test("palette colours differ in lightness where they stand for models", () => {
  // Relative luminance of WCAG 2.2; what is left in a grey print.
  const luminance = (hex: string) =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, channel) => {
      const value = parseInt(hex.slice(1 + 2 * channel, 3 + 2 * channel), 16) /
        255;
      const linear = value <= 0.04045
        ? value / 12.92
        : ((value + 0.055) / 1.055) ** 2.4;
      return sum + weight * linear;
    }, 0);
  const { black, blue, vermillion, orange } = palette;
  const levels = [black, blue, vermillion, orange].map(luminance);
  for (let i = 1; i < levels.length; i++) {
    assert.ok(levels[i] - levels[i - 1] > 0.05, levels.join(" "));
  }
});
