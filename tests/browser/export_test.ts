import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { edgeDistributions } from "ldlab/report/edge_distributions.ts";
import { openExporter } from "ldlab/report/export.ts";
import { dataUri, encodePng } from "ldlab/report/png.ts";

const edge = [0, 2, 1];
const figure = edgeDistributions({
  image: {
    source: dataUri(
      encodePng(new Uint8Array(8 * 6 * 3).fill(128), { width: 8, height: 6 }),
      "image/png",
    ),
    width: 8,
    height: 6,
  },
  name: "a scene",
  location: [4, 3],
  stride: 1,
  truth: [3, 2, 5, 4],
  models: [{ name: "teacher", logits: [edge, edge, edge, edge] }],
});
const { width, height, meta: { controls } } = figure.layout;

/** Width and height from a PNG's header. */
function pngSize(png: Uint8Array): number[] {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
}

function profiles(): string[] {
  return [...Deno.readDirSync(tmpdir())].map(({ name }) => name)
    .filter((name) => name.startsWith(`ldlab-chromium-${Deno.pid}-`));
}

Deno.test("openExporter() draws PNG, SVG and PDF and leaves nothing behind", async (t) => {
  {
    await using exporter = await openExporter();
    assert.equal(profiles().length, 1);

    await t.step("png() has scale × the still figure's size", async () => {
      const png = await exporter.png(figure, { scale: 1.5 });
      assert.deepEqual(pngSize(png), [
        1.5 * width,
        1.5 * (height - controls),
      ]);
      const small = await exporter.png(figure, { width: 500, scale: 1 });
      assert.deepEqual(pngSize(small), [500, height - controls]);
      const fine = await exporter.png(figure, {
        width: 480,
        height: 96,
        dpi: 300,
      });
      assert.deepEqual(pngSize(fine), [1500, 300]);
      // The chunk after the header: 300 dpi are 11811 pixels to the metre.
      const said = new DataView(fine.buffer, fine.byteOffset);
      assert.equal(said.getUint32(41), 11811);
    });

    await t.step("svg() is a vector picture without the slider", async () => {
      const svg = await exporter.svg(figure);
      assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
      assert.match(svg, /softened with τ = 10/);
      assert.doesNotMatch(svg, /slider/);
    });

    await t.step("pdf() is one page of the figure's size", async () => {
      const pdf = new TextDecoder("latin1").decode(
        await exporter.pdf(figure, { width: 480, height: 360 }),
      );
      assert.equal(pdf.slice(0, 5), "%PDF-");
      assert.equal(pdf.match(/\/Type\s*\/Page\b/g)?.length, 1);
      // 96 CSS pixels are 72 points.
      assert.match(pdf, /\/MediaBox\s*\[0 0 360 270\]/);
      assert.match(pdf, /\/Font\b/);
    });

    await t.step("a bad figure fails alone", async () => {
      await assert.rejects(exporter.svg(figure, { width: 0 }), RangeError);
      const [a, b] = await Promise.all([
        exporter.png(figure, { scale: 1 }),
        exporter.svg(figure),
      ]);
      assert.ok(a.length > 1000 && b.length > 1000);
    });
  }
  assert.deepEqual(profiles(), []);
});
