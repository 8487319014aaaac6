import assert from "node:assert/strict";
import { findBrowser } from "ldlab/report/find_browser.ts";

Deno.test("findBrowser() takes LDLAB_CHROMIUM, then the first usual name", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/a`);
    await Deno.mkdir(`${folder}/b`);
    await Deno.writeTextFile(`${folder}/a/google-chrome`, "");
    await Deno.writeTextFile(`${folder}/b/chromium`, "");
    await Deno.writeTextFile(`${folder}/mine`, "");
    const PATH = `${folder}/a:${folder}/b`;
    assert.equal(findBrowser({ PATH }), `${folder}/b/chromium`);
    assert.equal(
      findBrowser({ PATH: `${folder}/a` }),
      `${folder}/a/google-chrome`,
    );
    assert.equal(
      findBrowser({ PATH, LDLAB_CHROMIUM: `${folder}/mine` }),
      `${folder}/mine`,
    );
    assert.throws(() => findBrowser({ PATH, LDLAB_CHROMIUM: `${folder}/no` }), {
      name: "Error",
      message: /LDLAB_CHROMIUM names no file.*unset it/,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
