import assert from "node:assert/strict";
import { findBrowser, openBrowser } from "ldlab/report/browser.ts";

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
      name: "RangeError",
      message: /LDLAB_CHROMIUM must be the path of an executable/,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openBrowser() says what to install where there is none", async () => {
  await assert.rejects(openBrowser(null), /sudo apt install chromium/);
});

Deno.test("openBrowser() names the program that does not start", async () => {
  await assert.rejects(
    openBrowser("/bin/false"),
    /Cannot open Chromium: \/bin\/false did not start/,
  );
});
