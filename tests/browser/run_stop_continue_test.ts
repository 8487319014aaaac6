/// <reference lib="dom" />
/**
 * A notebook in a person's hands: Run All, Stop while it trains, Run All again;
 * in JupyterLab, with the kernel that `./ldlab kernel install` registers, in a
 * folder outside of the project. Screenshots stay in LDLAB_SCREENSHOTS where
 * that names a folder.
 */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { openBrowser } from "ldlab/report/browser.ts";
import { registerKernel } from "../notebooks/register_kernel.ts";
import { startJupyterLab } from "./jupyter_lab.ts";

const project = new URL("../../", import.meta.url);

/** The notebook with the kernel's name and a store of runs of its own. */
async function placeNotebook(name: string, folder: string): Promise<void> {
  const notebook = JSON.parse(
    await Deno.readTextFile(new URL(`notebooks/${name}.ipynb`, project)),
  );
  notebook.metadata.kernelspec = {
    name: "ldlab",
    display_name: "ldlab (Deno)",
    language: "typescript",
  };
  const run = notebook.cells.findIndex(({ id }: { id: string }) =>
    id === "run"
  );
  notebook.cells.splice(run + 1); // the rest shows what this one found
  const option = `folder: ${JSON.stringify(`${folder}/results`)},`;
  let calls = 0;
  for (const cell of notebook.cells) {
    if (cell.cell_type !== "code") continue;
    cell.outputs = [];
    cell.source = [cell.source].flat().join("").replace(
      /\b(storedRows|runTable)\(table, \{/g,
      (call) => {
        calls++;
        return `${call} ${option}`;
      },
    );
  }
  assert.equal(calls, 2);
  await Deno.writeTextFile(`${folder}/${name}.ipynb`, JSON.stringify(notebook));
}

Deno.test("a table's notebook runs, stops while it trains, and goes on from there when it is run again", async () => {
  const folder = await Deno.makeTempDir({ prefix: "ldlab-browser-" });
  const name = "table_2";
  await placeNotebook(name, folder);
  await registerKernel(`${folder}/jupyter`);
  const browser = await openBrowser();
  const lab = await startJupyterLab(folder, {
    JUPYTER_DATA_DIR: `${folder}/jupyter`,
    LDLAB_SEEDS: "1",
    LDLAB_ROWS: "baseline",
  });
  try {
    const page = await browser.newPage();
    // Tall, for JupyterLab draws only the cells near the window.
    await page.setViewport({ width: 1500, height: 1800 });
    await page.goto(lab.address(`${name}.ipynb`), {
      waitUntil: "load",
      timeout: 60_000,
    });
    await page.waitForSelector(".jp-Notebook", { timeout: 60_000 });
    await isIdle(page);
    await recordProgress(page);

    await runAll(page);
    await shows(page, /step [1-9]\d*\/\d/);
    await screenshot(page, "1_runs");
    await page.click('jp-button[data-command="notebook:interrupt-kernel"]');
    await shows(
      page,
      /Stopped\. What is finished is stored; run the same again/,
    );
    await isIdle(page);
    await screenshot(page, "2_stopped");
    const stopped = await recorded(page);

    await runAll(page);
    await shows(page, /AP50[^]*no distillation/);
    await isIdle(page);
    await screenshot(page, "3_ended");
    const continued = await recorded(page);
    assert.ok(stopped.at(-1)! < 32, `${stopped}`);
    // It goes on from the step that it stopped after, or the one drawn before.
    assert.ok(
      continued.every((step) => step >= stopped.at(-1)!),
      `${continued}`,
    );
    assert.ok(continued.at(-1)! > stopped.at(-1)!);
    // The same kernel counts its cells on.
    assert.deepEqual(
      await page.$$eval(
        ".jp-CodeCell .jp-InputPrompt",
        (prompts) => prompts.map(({ textContent }) => textContent),
      ),
      ["[3]:", "[4]:"],
    );
  } finally {
    await lab.close();
    await browser.close();
    await Deno.remove(folder, { recursive: true });
  }
});

/** Waits until the kernel is there and has nothing to do. */
function isIdle(page: Page): Promise<void> {
  return until("the kernel is idle", () =>
    page.$eval(
      "#jp-main-statusbar",
      ({ textContent }) => textContent.includes("ldlab (Deno) | Idle"),
    ));
}

/** Waits until the outputs have such a text. */
function shows(page: Page, text: RegExp): Promise<void> {
  return until(`the page shows ${text}`, async () =>
    text.test(
      await page.$$eval(
        ".jp-OutputArea-output",
        (outputs) => outputs.map(({ textContent }) => textContent).join("\n"),
      ),
    ));
}

/** Asks again and again, as one long question would time out in the browser. */
async function until(
  what: string,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const limit = performance.now() + 150_000;
  while (!await isSo()) {
    assert.ok(performance.now() < limit, `waited too long until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function runAll(page: Page): Promise<void> {
  const [, , , run] = await page.$$(".lm-MenuBar-item");
  await run.click();
  const item = await page.waitForSelector(
    '.lm-Menu-item[data-command="runmenu:run-all"]',
  );
  await item!.click();
}

/** Keeps each step of the training that the page shows from now on. */
async function recordProgress(page: Page): Promise<void> {
  await page.evaluate(() => {
    const steps: number[] = [];
    Object.assign(globalThis, { steps });
    const record = () => {
      const text = document.querySelector(".jp-Notebook")!.textContent;
      const found = /step (\d+)\/32\b/.exec(text);
      const step = found === null ? undefined : Number(found[1]);
      if (step !== undefined && step !== steps.at(-1)) steps.push(step);
    };
    new MutationObserver(record).observe(document.body, {
      ...{ childList: true, subtree: true, characterData: true },
    });
  });
}

/** What was kept; the next begins anew. */
function recorded(page: Page): Promise<number[]> {
  return page.evaluate(() =>
    (globalThis as unknown as { steps: number[] }).steps.splice(0)
  );
}

async function screenshot(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("LDLAB_SCREENSHOTS");
  if (!folder) return;
  await Deno.mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/run_stop_continue_${name}.png` });
}
