/**
 * A panel of sliders in a notebook's output that drive the training of a small
 * student in the kernel, while its curves, the edges of a box and the regions move.
 *
 * smoke: opens in seconds. small: half a minute on two free cores, once, for the
 * teacher. `notebooks/live_panel.ipynb` shows it.
 */
import {
  type Display,
  inJupyter,
  NotebookProgress,
  openDisplay,
  openProgress,
  type ProgressView,
  show,
  stopSignal,
} from "../../lib/report/mod.ts";
import { readSplits } from "../data.ts";
import { resultsFolder } from "../project.ts";
import { learningRateOf } from "../run_schedule.ts";
import { panelAddress } from "./address.ts";
import { panelFrame } from "./frame.ts";
import { openPanelImages } from "./images.ts";
import { LivePanel } from "./live_panel.ts";
import { choosePair, type PanelPair } from "./pair.ts";
import {
  checkSettings,
  initialSettings,
  panelControls,
  type PanelSettings,
} from "./settings.ts";
import { averagePrecision, PanelStudent } from "./student.ts";
import { openPanelTeacher } from "./teacher.ts";

/** What a panel is opened with. */
export interface PanelOptions {
  /** `smoke` or `small`, whose pair is trained; `small` unless given. */
  readonly scale?: string;
  /**
   * Another teacher and student, both GFL on stretched images, for example
   * `SCALES.small`, the blood cells of the tables.
   */
  readonly pair?: PanelPair;
  /** Where sliders stand at first, of those that are not to stand as usual. */
  readonly settings?: Partial<PanelSettings>;
  /** Test images to look at and to measure AP on, 1 to 64; 16 unless given. */
  readonly images?: number;
  /** Steps between two measures of AP, at least 1; 20 unless given. */
  readonly evaluateEvery?: number;
  /** Whether it waits for Run; false unless given. */
  readonly paused?: boolean;
  /** A panel takes the place of that of its name; `panel` unless given. */
  readonly name?: string;
  /**
   * The address of the page with `{port}` in place of the port: on a hub with
   * jupyter-server-proxy a path, as `/user/NAME/proxy/{port}/`. This machine's own
   * unless given.
   */
  readonly address?: string;
  /** Where the teacher's run is stored; `results/` unless given. */
  readonly folder?: string;
}

/** Where a panel is shown, and what stops it. */
export interface PanelPlace {
  readonly display: Display;
  readonly progress: ProgressView;
  /** Gives the signal of the next stop. */
  readonly stop: () => AbortSignal;
}

/** The panels that are open, by name. */
const open = new Map<string, LivePanel>();

/**
 * Opens a live panel in the output of a notebook's cell. It goes on when the cell
 * has ended, until it is closed, or its cell is run again. The notebook's Stop
 * button pauses it. In a terminal its address is printed.
 *
 * Sliders act from the next step on, and nothing is recorded anew: temperatures,
 * weights and the learning rate are inputs of the training step, and γ decides what
 * is in a region, which is one too.
 *
 * The page comes from a server on this machine, at a port of its own, which answers
 * nobody without its token. A notebook on a remote hub reaches it through
 * jupyter-server-proxy: give `address`.
 *
 * @param options See {@linkcode PanelOptions}.
 * @returns The panel.
 * @throws {RangeError} If an option is out of its range.
 * @throws {DOMException} `AbortError` if the teacher's training was stopped; the
 * same call goes on.
 */
export async function panel(options: PanelOptions = {}): Promise<LivePanel> {
  const display = inJupyter()
    ? openDisplay()
    : { put: (bundle) => show(String(bundle["text/plain"])) } as Display;
  return await openPanel(options, {
    display,
    // The panel takes its place.
    progress: inJupyter() ? new NotebookProgress(display) : openProgress(),
    stop: stopSignal,
  });
}

/** As {@linkcode panel}, in any place. */
export async function openPanel(
  {
    scale = "small",
    pair: given,
    settings = {},
    images: count = 16,
    evaluateEvery = 20,
    paused = false,
    name = "panel",
    address: template = "http://127.0.0.1:{port}/",
    folder = resultsFolder,
  }: PanelOptions,
  { display, progress, stop }: PanelPlace,
): Promise<LivePanel> {
  const pair = choosePair({ scale, pair: given });
  const address = panelAddress(template);
  requireCount("images", count, 64);
  requireCount("evaluateEvery", evaluateEvery, 1e6);
  const controlsOf = (images: number, levels: number) =>
    panelControls({
      learningRate: learningRateOf(pair.student),
      ...{ images, levels },
    });
  // Before the teacher is trained; with fewer images or levels it is seen later.
  checkSettings(settings, controlsOf(count, 5));
  await open.get(name)?.close();
  await using opened = new AsyncDisposableStack(); // where it fails
  try {
    const signal = stop();
    const teacher = await openPanelTeacher(pair.teacher, {
      ...{ folder, progress, signal },
    });
    opened.defer(() => teacher.dispose());
    await progress.update({
      levels: [],
      activity: "recording the steps",
      ...{ step: 0, steps: 0 },
    });
    const { train, test } = await readSplits(pair.student.data, () => {});
    const images = await openPanelImages(teacher, pair.student, {
      ...{ test, count },
      address: (index) => `image?index=${index}`,
    });
    const controls = controlsOf(
      images.length,
      images[0].picture.anchors.levels.length,
    );
    const first = {
      ...initialSettings(controls),
      ...checkSettings(settings, controls),
    };
    const student = new PanelStudent(pair.student, teacher, train);
    opened.defer(() => student.dispose());
    await student.warmUp(first, images[0]);
    const said = images.map(({ teacher }) => teacher);
    const teacherAp = averagePrecision(images, said, pair.student);
    // One that was asked for meanwhile.
    while (open.has(name)) await open.get(name)!.close();
    const panel = new LivePanel({
      ...{ student, images, teacherAp, controls, evaluateEvery, address },
      ...{ settings: first, display, stop },
      free: async () => {
        if (open.get(name) === panel) open.delete(name);
        await parts.disposeAsync();
      },
    });
    const parts = opened.move();
    open.set(name, panel);
    await progress.close();
    if (!paused) panel.run();
    await display.put(panelFrame(panel.address));
    return panel;
  } catch (error) {
    await progress.close();
    throw error;
  }
}

function requireCount(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new RangeError(
    `Cannot open the panel: ${name} must be a whole number from 1 to ${most}: ` +
      `current value is ${value}`,
  );
}
