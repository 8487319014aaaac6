/// <reference lib="dom" />
/**
 * Opens the site of the notebooks as files, as a reader does, in a real browser
 * without network. Screenshots stay in LDLAB_SCREENSHOTS where that names a
 * folder.
 */
import assert from "node:assert/strict";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Page, Viewport } from "puppeteer-core";
import { openBrowser } from "ldlab/report/browser.ts";
import { buildSite } from "../../commands/site/build_site.ts";
import { writeNotebooks } from "../commands/site_notebooks.ts";

const desktop: Viewport = { width: 1400, height: 1000 };
const phone: Viewport = {
  width: 390,
  height: 844,
  isMobile: true,
  hasTouch: true,
};

Deno.test("the site works in a browser from its files alone", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "ldlab-site-" });
  const site = `${folder}/site`;
  await writeNotebooks(`${folder}/notebooks`);
  const { files } = await buildSite(`${folder}/notebooks`, site);
  const names = files.filter((file) => file.endsWith(".html"))
    .map((file) => file.slice(0, -".html".length));
  const browser = await openBrowser();
  /** What no page may do: complain, or ask for what is not a file of it. */
  const faults: string[] = [];

  try {
    const devices = {
      desktop: await open("moving", desktop),
      phone: await open("moving", phone),
    };

    await t.step("figures are drawn by plotly", async () => {
      const page = devices.desktop;
      await page.bringToFront(); // one behind another is not drawn
      assert.deepEqual(await page.$eval("figure", look), {
        isDrawn: true,
        hasStill: false,
        hasPlot: true,
      });
      const buttons = await page.$$eval(
        ".modebar-btn",
        (all) => all.map((button) => button.getAttribute("data-title")),
      );
      assert.ok(buttons.length > 0);
      // It would send the figure to plotly's server.
      assert.ok(!buttons.some((title) => /share/i.test(title!)), `${buttons}`);
      await screenshot(page, "site_desktop");
    });

    for (const [device, page] of Object.entries(devices)) {
      await t.step(`the slider moves the figure on a ${device}`, async () => {
        await page.bringToFront();
        const curve = () =>
          page.$eval(".js-line", (line) => line.getAttribute("d"));
        const before = await curve();
        const rail = await page.$(".slider-rail-touch-rect");
        await rail!.evaluate((element) =>
          element.scrollIntoView({ block: "center" })
        );
        const { x, y, width, height } = (await rail!.boundingBox())!;
        const at = [x + width / 2, y + height / 2] as const;
        await (device === "phone"
          ? page.touchscreen.tap(...at)
          : page.mouse.click(...at));
        await page.waitForFunction(
          (before) =>
            document.querySelector(".slider-label")?.textContent === "2" &&
            document.querySelector(".js-line")?.getAttribute("d") !== before,
          { timeout: 30_000 },
          before,
        );
      });
    }

    await t.step(
      "a phone's window holds the page, the figure scaled",
      async () => {
        for (const name of names) {
          const page = name === "moving"
            ? devices.phone
            : await open(name, phone);
          await page.bringToFront();
          const widths = await page.evaluate(() => [
            document.documentElement.scrollWidth,
            innerWidth,
          ]);
          assert.deepEqual(widths, [phone.width, phone.width], name);
          await screenshot(page, `site_phone_${name}`);
          if (page !== devices.phone) await page.close();
        }
        const page = devices.phone;
        const [width, column] = await page.$eval(
          "figure",
          (figure) => [
            figure.querySelector(".plot")!.getBoundingClientRect().width,
            figure.clientWidth,
          ],
        );
        // Half of its 760 pixels is the least.
        assert.ok(Math.abs(width - Math.max(column, 380)) < 1, `${width}`);
        // Then the page scrolls under a finger on the figure.
        const mode = await page.$eval(
          ".plot",
          // deno-lint-ignore no-explicit-any
          (plot) => (plot as any)._fullLayout.dragmode,
        );
        assert.equal(mode, false);
      },
    );

    await t.step("every link within the site leads to a place", async () => {
      for (const name of names) {
        const page = name === "moving"
          ? devices.desktop
          : await open(name, desktop);
        const links = await page.$$eval(
          "a[href]",
          (all) => all.map((link) => (link as HTMLAnchorElement).href),
        );
        const inner = links.filter((link) => link.startsWith("file:"));
        assert.ok(inner.length >= names.length, name);
        for (const link of inner) {
          const { hash, href } = new URL(link);
          const path = fileURLToPath(href.slice(0, href.length - hash.length));
          const html = (await Deno.readTextFile(path))
            .replaceAll("&amp;", "&");
          const id = decodeURIComponent(hash.slice(1));
          assert.ok(id === "" || html.includes(` id="${id}"`), link);
        }
        if (name === "index") {
          await Promise.all([
            page.waitForNavigation({ waitUntil: "load" }),
            page.click("nav.pages li:last-child a"),
          ]);
          assert.equal(await page.title(), "Aside · ldlab");
        }
        if (page !== devices.desktop) await page.close();
      }
    });

    await t.step("on paper it is the picture, without the slider", async () => {
      await devices.desktop.emulateMediaType("print");
      assert.deepEqual(await devices.desktop.$eval("figure", look), {
        isDrawn: true,
        hasStill: true,
        hasPlot: false,
      });
    });

    await t.step("without scripts it is the picture too", async () => {
      const page = await open("moving", desktop, { scripts: false });
      assert.deepEqual(await page.$eval("figure", look), {
        isDrawn: false,
        hasStill: true,
        hasPlot: false,
      });
      await page.close();
    });

    await t.step(
      "a figure that plotly refuses leaves its picture",
      async () => {
        const broken = `${folder}/site/broken.html`;
        const html = await Deno.readTextFile(`${site}/moving.html`);
        await Deno.writeTextFile(
          broken,
          html.replace(/(application\/json">)[^<]*/, "$1{"),
        );
        const own = faults.length;
        const page = await open("broken", desktop, { figures: 1 });
        assert.deepEqual(await page.$eval("figure", look), {
          isDrawn: false,
          hasStill: true,
          hasPlot: false,
        });
        assert.match(faults.splice(own).join(), /JSON/);
        await page.close();
      },
    );

    await t.step("no page complained or asked for anything else", () => {
      assert.deepEqual(faults, []);
    });
  } finally {
    await browser.close();
    await Deno.remove(folder, { recursive: true });
  }

  /** Opens a page without network and waits for its figures. */
  async function open(
    name: string,
    viewport: Viewport,
    { scripts = true, figures = name === "moving" ? 2 : 0 } = {},
  ): Promise<Page> {
    const page = await browser.newPage();
    page.on("console", (message) => {
      if (["error", "warn"].includes(message.type())) {
        faults.push(`${name}: ${message.text()}`);
      }
    });
    page.on("pageerror", (error) => faults.push(`${name}: ${error}`));
    page.on("request", (request) => {
      if (!/^(file|data|blob):/.test(request.url())) {
        faults.push(`${name} asks for ${request.url()}`);
      }
    });
    page.on(
      "requestfailed",
      (request) => faults.push(`${name} misses ${request.url()}`),
    );
    await page.setOfflineMode(true);
    await page.setJavaScriptEnabled(scripts);
    await page.setViewport(viewport);
    const { href } = pathToFileURL(`${site}/${name}.html`);
    await page.goto(href, { waitUntil: "load", timeout: 60_000 });
    if (scripts) {
      await page.waitForFunction(
        (count: number) =>
          document.querySelectorAll("figure.drawn").length >= count,
        { timeout: 30_000 },
        figures,
      );
    }
    return page;
  }
});

/** What of a figure is seen; runs in the page. */
function look(figure: Element) {
  const isSeen = (element: Element | null) =>
    element !== null && element.getBoundingClientRect().width > 100;
  const image = figure.querySelector("img")!;
  return {
    isDrawn: figure.classList.contains("drawn"),
    hasStill: isSeen(image) && image.naturalWidth > 0,
    hasPlot: isSeen(figure.querySelector(".plot .main-svg")),
  };
}

async function screenshot(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("LDLAB_SCREENSHOTS");
  if (!folder) return;
  await Deno.mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
