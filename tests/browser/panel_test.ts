/// <reference lib="dom" />
/**
 * Drives the live panel as people do: in JupyterLab, in a real browser. Screenshots
 * stay in LDLAB_SCREENSHOTS where that names a folder.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { ElementHandle, Frame, Page } from "puppeteer-core";
import { openBrowser } from "ldlab/report/browser.ts";
import { startJupyterLab } from "./jupyter_lab.ts";
import { textFaults } from "./text_faults.ts";

const original = fileURLToPath(
  new URL("../../notebooks/live_panel.ipynb", import.meta.url),
);

/** Where the panel's page says something. */
const PANEL = {
  places: ".figure, #controls label, header",
  texts: ["span", "output", "button", "p"],
};

/** The cells up to the panel's, which goes on when they have ended. */
async function writeNotebook(folder: string): Promise<void> {
  const notebook = JSON.parse(await Deno.readTextFile(original));
  notebook.cells = notebook.cells
    .filter(({ id }: { id: string }) => ["parameters", "panel"].includes(id));
  const [, { source }] = notebook.cells;
  const text = source.join("").replace(/^if \(alone\).*$/m, "");
  notebook.cells[1].source = text;
  await Deno.writeTextFile(`${folder}/panel.ipynb`, JSON.stringify(notebook));
}

Deno.test("the live panel trains in JupyterLab under the hand that moves it", async (t) => {
  // In the project, where the kernel finds its imports.
  const folder = await Deno.makeTempDir({
    dir: fileURLToPath(new URL("../../results/", import.meta.url)),
    prefix: "panel-test-",
  });
  await writeNotebook(folder);
  const browser = await openBrowser();
  const lab = await startJupyterLab(folder);
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1500, height: 1700 });
    const errors: string[] = [];
    page.on("pageerror", (error) => void errors.push(String(error)));
    await page.goto(lab.address("panel.ipynb"), {
      waitUntil: "load",
      timeout: 60_000,
    });
    await runAll(page);
    const frame = await panelFrame(page);
    const status = () => text(frame, "#status");
    const step = async () => Number((await status()).match(/Step (\d+)/)![1]);

    await t.step("its curves move while it runs", async () => {
      await frame.waitForFunction(
        () =>
          document.querySelectorAll(".js-plotly-plot .main-svg").length > 0 &&
          /Step [3-9]\d/.test(document.getElementById("status")!.textContent!),
        { timeout: 120_000 },
      );
      const before = await curves(frame);
      const at = await step();
      await frame.waitForFunction(
        (from: number) =>
          Number(
            document.getElementById("status")!.textContent!
              .match(/Step (\d+)/)![1],
          ) > from + 5,
        { timeout: 60_000 },
        at,
      );
      await pause(1000);
      assert.notEqual(await curves(frame), before);
      assert.match(await status(), /running/);
    });

    await t.step("a slider acts on the losses and is marked", async () => {
      await moveSlider(page, frame, "ldWeight", 0);
      await moveSlider(page, frame, "gamma", 1);
      await frame.waitForFunction(
        () => document.querySelectorAll("#curves .annotation").length >= 2,
        { timeout: 60_000 },
      );
      assert.equal(
        await text(frame, "#ldWeight ~ output, label:has(#ldWeight) output"),
        "0",
      );
      await frame.waitForFunction(
        () =>
          /VLR at γ = 1: 0 of/.test(
            document.getElementById("regions")!.textContent!,
          ),
        { timeout: 60_000 },
      );
      await screenshot(page, "panel_lab");
    });

    await t.step("τ softens what is drawn of the edges", async () => {
      await moveSlider(page, frame, "temperature", 1);
      await frame.waitForFunction(
        () => /τ = 30/.test(document.getElementById("edges")!.textContent!),
        { timeout: 60_000 },
      );
    });

    await t.step(
      "Pause holds it, One step does one, Restart begins anew",
      async () => {
        await press(frame, "#run");
        await waitForStatus(frame, "paused");
        await pause(2000); // the step that was under way ends
        const paused = await step();
        await pause(1500);
        assert.equal(await step(), paused);
        await press(frame, "#step");
        await waitForStatus(frame, `Step ${paused + 1},`);
        await press(frame, "#restart");
        await waitForStatus(frame, "Step 0,");
        assert.match(await status(), /recorded once$/);
      },
    );

    await t.step("Reset puts the sliders back", async () => {
      await press(frame, "#defaults");
      await frame.waitForFunction(
        () =>
          document.getElementById("ldWeight")!
            .closest("label")!.querySelector("output")!.textContent === "0.25",
        { timeout: 30_000 },
      );
    });

    await t.step("nothing is cut or covered, wide or narrow", async () => {
      await press(frame, "#run");
      await waitForStatus(frame, "running");
      assert.deepEqual(await textFaults(frame, PANEL), []);
      assert.ok(await hasRoom(frame));
      await page.setViewport({ width: 1180, height: 1700 });
      await pause(2000);
      assert.deepEqual(await textFaults(frame, PANEL), []);
      assert.ok(await hasRoom(frame));
      await screenshot(page, "panel_lab_narrow");
    });

    await t.step(
      "Stop of the notebook pauses it and keeps the kernel",
      async () => {
        await pressToolbar(page, "notebook:interrupt-kernel");
        await waitForStatus(frame, "paused");
        await press(frame, "#run");
        await waitForStatus(frame, "running");
      },
    );

    await t.step("the cell run again gives a new panel", async () => {
      const before = frame.url();
      await runAll(page);
      const next = await panelFrame(page, before);
      await waitForStatus(next, "running");
      assert.notEqual(next.url(), before);
    });

    await t.step("a kernel that is restarted leaves a sentence", async () => {
      const last = await panelFrame(page);
      await pressToolbar(page, "notebook:restart-kernel");
      const accept = await page.waitForSelector(
        ".jp-Dialog .jp-mod-accept, .jp-Dialog .jp-mod-warn",
        { timeout: 10_000 },
      );
      await accept!.click();
      await last.waitForSelector("#gone:not([hidden])", { timeout: 60_000 });
      assert.match(
        await text(last, "#gone"),
        /kernel is gone.*Run the cell again/s,
      );
      await screenshot(page, "panel_lab_gone");
    });
    assert.deepEqual(errors, []);
  } catch (error) {
    await screenshot((await browser.pages()).at(-1)!, "panel_failed");
    throw error;
  } finally {
    await lab.close();
    await browser.close();
    await Deno.remove(folder, { recursive: true });
  }
});

const pause = (milliseconds: number) =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Presses a button of the notebook's toolbar. */
async function pressToolbar(page: Page, command: string): Promise<void> {
  await page.click(
    `.jp-NotebookPanel-toolbar .jp-ToolbarButtonComponent[data-command="${command}"]`,
  );
}

/**
 * Runs all cells, once the kernel is there: before that JupyterLab asks which one,
 * over its menu, or runs the first cell alone. Only its status bar tells: the mark
 * beside the kernel's name says idle too soon.
 */
async function runAll(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelectorAll(".jp-InputPrompt").length === 2 &&
      document.getElementById("jp-main-statusbar")?.textContent
        .includes("Deno | Idle"),
    { timeout: 60_000 },
  );
  const [, , , run] = await page.$$(".lm-MenuBar-item");
  await run.click();
  const item = await page.waitForSelector(
    '.lm-Menu-item[data-command="runmenu:run-all"]',
  );
  await item!.click();
}

/** The panel's frame in the page, another one than `before`. */
async function panelFrame(page: Page, before?: string): Promise<Frame> {
  for (let tries = 0; tries < 240; tries++) {
    const frame = page.frames().findLast((frame) =>
      frame.url().includes("panel_token=") && frame.url() !== before
    );
    if (frame && await frame.$("#controls input").catch(() => null)) {
      return frame;
    }
    await pause(500);
  }
  throw new Error("The panel's frame did not come within two minutes");
}

function text(frame: Frame, selector: string): Promise<string> {
  return frame.$eval(selector, (element) => element.textContent!.trim());
}

async function press(frame: Frame, selector: string): Promise<void> {
  await (await frame.waitForSelector(`${selector}:enabled`))!.click();
}

async function waitForStatus(frame: Frame, part: string): Promise<void> {
  await frame.waitForFunction(
    (part: string) =>
      document.getElementById("status")!.textContent!.includes(part),
    { timeout: 60_000 },
    part,
  );
}

/** Whether all of the page is in the frame, without scrolling. */
function hasRoom(frame: Frame): Promise<boolean> {
  return frame.evaluate(() =>
    document.documentElement.scrollHeight <= innerHeight
  );
}

/** Drags a slider to a share of its length. */
async function moveSlider(
  page: Page,
  frame: Frame,
  name: string,
  share: number,
): Promise<void> {
  const slider = await frame.$(`#${name}`) as ElementHandle<HTMLInputElement>;
  const { value, max } = await slider.evaluate((input) => ({
    value: Number(input.value),
    max: Number(input.max),
  }));
  const box = (await slider.boundingBox())!;
  const x = (share: number) => box.x + 8 + share * (box.width - 16);
  const y = box.y + box.height / 2;
  await page.mouse.move(x(value / max), y);
  await page.mouse.down();
  await page.mouse.move(x((value / max + share) / 2), y, { steps: 4 });
  await page.mouse.move(share === 0 ? x(0) - 12 : x(share) + 12, y, {
    steps: 4,
  });
  await page.mouse.up();
}

/** The losses' lines as drawn. */
function curves(frame: Frame): Promise<string> {
  return frame.$$eval(
    "#curves .js-line",
    (lines) => lines.map((line) => line.getAttribute("d")).join("\n"),
  );
}

async function screenshot(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("LDLAB_SCREENSHOTS");
  if (!folder) return;
  await Deno.mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
}
