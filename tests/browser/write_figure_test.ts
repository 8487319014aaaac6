import assert from "node:assert/strict";
import { writeFigure } from "../../experiments/write_figure.ts";
import { axis, baseLayout, type Figure } from "ldlab/report/mod.ts";

const figure: Figure = {
  data: [{ x: [1, 2], y: [38, 40] }],
  layout: {
    ...baseLayout({ title: "AP", width: 760, height: 480 }),
    xaxis: axis("epoch"),
    yaxis: axis("AP"),
  },
};

Deno.test("writeFigure() writes three files at a journal's width", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const files = await writeFigure(figure, "ap_1", {
      columns: "double",
      folder: `${folder}/new`,
    });
    assert.deepEqual(
      files.map((file) => file.replace(folder, "")),
      ["/new/ap_1.png", "/new/ap_1.svg", "/new/ap_1.pdf"],
    );
    const [png, svg, pdf] = await Promise.all(
      files.map((file) => Deno.readFile(file)),
    );
    const text = new TextDecoder("latin1");
    // 181 mm are 684 CSS pixels.
    assert.match(text.decode(svg), /^<svg [^>]*width="684"/);
    assert.match(text.decode(pdf.subarray(0, 5)), /%PDF-/);
    // PNG's IHDR has the width behind 16 bytes: 181 mm at 600 dpi.
    const width = new DataView(png.buffer, png.byteOffset).getUint32(16);
    assert.ok(Math.abs(width - 181 / 25.4 * 600) < 5, `${width}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeFigure() puts whole files in the place of others, and says which it cannot", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/a.png`, "of before");
    await Deno.link(`${folder}/a.png`, `${folder}/before`);
    await Deno.mkdir(`${folder}/a.svg`);
    await assert.rejects(writeFigure(figure, "a", { folder }), {
      name: "Error",
      message: new RegExp(`^Cannot write ${folder}/a\\.svg: `),
    });
    // The new file is another one, not the old one written over.
    assert.equal(await Deno.readTextFile(`${folder}/before`), "of before");
    assert.ok((await Deno.stat(`${folder}/a.png`)).size > 1000);
    assert.deepEqual(
      [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
      ["a.png", "a.svg", "before"],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
