/**
 * How long annotation files of COCO's size take to open, and how much memory:
 *
 *     deno run -A bench/open_coco.ts
 *
 * It writes two files of 118,287 images and 860,001 boxes into a temporary
 * folder (800 MB), one with boxes only, one with polygons and longer than a
 * string of JavaScript can be, and opens each in a process of its own. Half a
 * minute, on Linux.
 */
import { readCoco } from "../lib/data/coco.ts";
import { touchCocoImages, writeCocoScale } from "./coco_scale.ts";

const SCALE = { images: 118_287, boxes: 860_001 };

if (Deno.args.length === 2) await open(Deno.args[0], Deno.args[1]);
else await main();

/** Opens a file and prints what that took. */
async function open(annotations: string, images: string): Promise<void> {
  const start = performance.now();
  const dataset = await readCoco({ annotations, images });
  const seconds = (performance.now() - start) / 1000;
  let boxes = 0;
  for (const { labels } of dataset.images) boxes += labels.length;
  const status = Deno.readTextFileSync("/proc/self/status");
  const peak = Number(/VmHWM:\s*(\d+) kB/.exec(status)![1]) / 2 ** 10;
  console.log(
    `  ${dataset.images.length} images, ${boxes} boxes in ${
      seconds.toFixed(1)
    } s, at most ${peak.toFixed(0)} MiB resident`,
  );
}

async function main(): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const images = `${folder}/images`;
    await Deno.mkdir(images);
    touchCocoImages(images, SCALE.images);
    for (const corners of [0, 50]) {
      const path = `${folder}/instances.json`;
      const bytes = await writeCocoScale(path, { ...SCALE, corners });
      console.log(
        `${corners} corners, ${(bytes / 2 ** 20).toFixed(0)} MiB:`,
      );
      const { success } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", import.meta.url, path, images],
        stdout: "inherit",
        stderr: "inherit",
      }).output();
      if (!success) Deno.exit(1);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
