import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const lines = `
import { tmpdir } from "node:os";
import { show } from "ldlab/report/show.ts";

// What a notebook's kernel offers; here it prints the forms of each output.
const display = (bundle) =>
  Promise.resolve(console.log(Object.keys(bundle).join()));
Deno.jupyter = { display };
const figure = { data: [{ x: [1], y: [2] }], layout: { width: 300, height: 200 } };

function killBrowser() {
  for (const { name } of Deno.readDirSync(tmpdir())) {
    if (!name.startsWith(\`ldlab-chromium-\${Deno.pid}-\`)) continue;
    try {
      const lock = Deno.readLinkSync(\`\${tmpdir()}/\${name}/SingletonLock\`);
      Deno.kill(Number(lock.split("-").at(-1)), "SIGKILL");
    } catch {
      // The profile of the browser killed before, on its way out.
    }
  }
}

await show(figure);
killBrowser();
await show(figure);
await show(figure);
killBrowser();
await show(figure);
Deno.exit(0);
`;

Deno.test("show() goes on when its browser dies, and opens another for the next figure", async () => {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", lines],
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stderr);
  const [bare, drawn] = ["", "image/svg+xml,"].map((svg) =>
    `application/vnd.plotly.v1+json,${svg}text/plain`
  );
  assert.deepEqual(
    new TextDecoder().decode(stdout).trim().split("\n"),
    [drawn, bare, drawn, bare],
    said,
  );
  assert.match(
    said,
    /^Figures are shown without SVG here\. .*Chromium has end/,
  );
  assert.equal(said.match(/without SVG/g)?.length, 1);
  assert.ok(success);
});
