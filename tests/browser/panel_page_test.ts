/// <reference lib="dom" />
/** The panel's page alone in a real browser, before a panel that answers as told. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { panelAddress } from "../../experiments/panel/address.ts";
import { servePanel } from "../../experiments/panel/server.ts";
import { openBrowser } from "ldlab/report/browser.ts";

const gamma = {
  ...{ name: "gamma", label: "γ", scale: "linear" },
  ...{ lowest: 0, highest: 1, step: 0.05, initial: 0.25 },
};

const shown = (page: Page) =>
  page.$eval("#controls output", (output) => output.textContent);

Deno.test("the panel's page keeps a slider where it was moved when an answer from before arrives late", async () => {
  let settings = { gamma: 0.25 };
  const late: (() => void)[] = [];
  let holds = false;
  const server = servePanel({
    // As a panel's: the settings of the moment, once the figures are drawn.
    state: async (known) => {
      const answer = {
        ...{ step: 1, state: "paused", recordings: 1, figures: {} },
        ...{ settings, controls: [gamma] },
      };
      if (known && holds) {
        await new Promise<void>((resolve) => late.push(resolve));
      }
      return answer;
    },
    picture: () => undefined,
    set: (given) => void (settings = given as typeof settings),
    run: () => {},
    pause: () => {},
    step: () => Promise.resolve(),
    restart: () => Promise.resolve(),
  }, panelAddress("http://127.0.0.1:{port}/"));
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(server.address, { waitUntil: "load" });
    await page.waitForSelector("#gamma");
    holds = true;
    await until(() => late.length === 1);
    await page.focus("#gamma");
    await page.keyboard.press("End");
    await until(() => settings.gamma === 1);
    await until(async () => await shown(page) === "1");
    holds = false;
    const seen = page.evaluate(() => {
      const output = document.querySelector("#controls output")!;
      const values: (string | null)[] = [];
      new MutationObserver(() => values.push(output.textContent))
        .observe(output, { childList: true });
      return new Promise<typeof values>((resolve) =>
        setTimeout(() => resolve(values), 1500)
      );
    });
    late.forEach((answer) => answer());
    assert.deepEqual(new Set(await seen), new Set(["1"]));

    // What moved it elsewhere is still shown.
    settings = { gamma: 0.5 };
    await until(async () => await shown(page) === "0.5");
  } finally {
    await browser.close();
    await server.close();
  }
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const limit = performance.now() + 30_000;
  while (!await isSo()) {
    assert.ok(performance.now() < limit, "waited too long");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
