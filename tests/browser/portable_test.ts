/// <reference lib="dom" />
/** Loads the portable part of the library in a browser, and computes there. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { localizationDistillation } from "ldlab/losses/ld.ts";
import { openBrowser } from "ldlab/report/browser.ts";
import { tinyConfig as config } from "../train/tiny_detector.ts";
import { wave } from "../float64.ts";
import { assertClose } from "../golden.ts";
import { portableFolders } from "../portable_folders.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tfjs = "/node_modules/@tensorflow/tfjs/dist/tf.fesm.min.js";

/** Serves a page, tfjs and the library without its types; nothing else. */
async function serve(transpiled: string) {
  const files = (await Promise.all(
    portableFolders.map(async (folder) =>
      (await readdir(`${root}lib/${folder}`)).map((name) =>
        `lib/${folder}/${name}`
      )
    ),
  )).flat();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["transpile", "--quiet", "--no-check", "--outdir", transpiled]
      .concat(files),
    cwd: root,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const imports = { "@tensorflow/tfjs-core": tfjs };
  const page = `<!doctype html><link rel=icon href="data:,">
    <script type=importmap>${JSON.stringify({ imports })}</script>`;
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/") {
        return new Response(page, { headers: { "content-type": "text/html" } });
      }
      const path = pathname === tfjs
        ? `${root}${tfjs}`
        : `${transpiled}${pathname.replace(/\.ts$/, ".js")}`;
      const headers = { "content-type": "text/javascript" };
      return await readFile(path).then(
        (text) => new Response(text, { headers }),
        () => new Response("not portable", { status: 404 }),
      );
    },
  );
}

const n = 17; // bins
const given = {
  student: Array.from(wave(4 * n, 3)),
  teacher: Array.from(wave(4 * n, 5)),
  image: Array.from(wave(64 * 64 * 3, 2)),
};

/** LD of four sides with its gradient, and a small detector's box logits. */
function compute(
  library: {
    tf: typeof import("@tensorflow/tfjs-core");
    localizationDistillation: typeof localizationDistillation;
    createDetector: typeof createDetector;
  },
  { student, teacher, image }: typeof given,
  detectorConfig: typeof config,
) {
  const { tf, localizationDistillation, createDetector } = library;
  const bins = student.length / 4;
  const { value, grad } = tf.valueAndGrad((x) =>
    tf.sum(
      localizationDistillation(x, tf.tensor2d(teacher, [4, bins]), {
        temperature: 10,
      }),
    )
  )(tf.tensor2d(student, [4, bins]));
  const detector = createDetector(detectorConfig, { seed: 1 });
  const { boxLogits } = detector.forward(tf.tensor4d(image, [1, 64, 64, 3]), {
    training: false,
  });
  return { value, grad, boxLogits };
}

Deno.test("the portable folders run in a browser and give what TensorFlow gives", async () => {
  const folder = await Deno.makeTempDir();
  const server = await serve(folder);
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    const complaints: unknown[] = [];
    page.on("pageerror", (error) => complaints.push(error));
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    const inBrowser = await page.evaluate(
      async (compute, folders, given, config) => {
        const library = { tf: await import("@tensorflow/tfjs-core") };
        for (const folder of folders) {
          Object.assign(library, await import(`/lib/${folder}/mod.ts`));
        }
        await library.tf.setBackend("cpu");
        const run = new Function("...x", `return (${compute})(...x)`);
        const results = run(library, given, config);
        const values: Record<string, number[]> = {};
        for (const name in results) {
          values[name] = Array.from(await results[name].data());
        }
        return {
          values,
          backend: library.tf.getBackend(),
          host: "Deno" in globalThis || "process" in globalThis,
        };
      },
      compute.toString(),
      portableFolders,
      given,
      config,
    );
    assert.deepEqual(complaints, []);
    assert.equal(inBrowser.backend, "cpu");
    assert.equal(inBrowser.host, false);

    await openEngine({ backend: "tensorflow" });
    const library = { tf, localizationDistillation, createDetector };
    const expected = compute(library, given, config);
    const relative = 1e-5;
    for (const [name, tensor] of Object.entries(expected)) {
      const values = await tensor.data();
      assert.ok(values.some((value) => value !== 0));
      const ofLargest = name === "boxLogits" ? 1e-4 : 1e-6;
      assertClose(
        inBrowser.values[name],
        values,
        { relative, ofLargest },
        name,
      );
    }
  } finally {
    await browser.close();
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
});
