import assert from "node:assert/strict";
import { createTrainingBatches } from "ldlab/data/mod.ts";
import { createDetector } from "ldlab/detectors/mod.ts";
import { PRESETS, termNeeds } from "ldlab/distill/mod.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { adamW, liveTeacher, makeTrainStep } from "ldlab/train/mod.ts";
import { readSplits } from "../../../experiments/data.ts";
import type { RunConfig } from "../../../experiments/config.ts";
import { panelFrame } from "../../../experiments/panel/frame.ts";
import { openPanelTeacher } from "../../../experiments/panel/teacher.ts";
import { tiny } from "../tiny_config.ts";
import { assertClose } from "../../golden.ts";
import { openTiny, tinyFolder, tinyPair } from "./tiny_panel.ts";

const engine = await openEngine({ threads: 1 });
/** Most tests share one, for what it records takes seconds. */
const shared = await openTiny({ name: "shared" });
const usualSettings = shared.panel.settings;

/** The shared panel as it was at first. */
async function freshPanel() {
  shared.panel.pause();
  shared.panel.set(usualSettings);
  await shared.panel.restart();
  return shared;
}

/** The losses of a first step with fixed terms, without a panel. */
async function firstStep(
  change: { temperature: number; ldWeight: number; gamma: number },
  learningRate: number,
): Promise<Record<string, number>> {
  const { ld, vlrLd, kd } = PRESETS.cvpr2022.terms;
  const { temperature, ldWeight, gamma } = change;
  const terms = {
    ld: { ...ld, temperature, weight: ldWeight },
    vlrLd: { ...vlrLd, temperature, region: { ...vlrLd.region, gamma } },
    kd,
  } as const;
  const teacher = await openPanelTeacher(tiny, {
    folder: tinyFolder,
    progress: {
      update: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    signal: new AbortController().signal,
  });
  const student = createDetector(tiny.model, { seed: 0 });
  const optimizer = adamW(student.parameters, { weightDecay: 0.05 });
  const outputs = liveTeacher(teacher);
  const step = makeTrainStep({
    student,
    optimizer,
    clip: 35,
    distillation: { teacher: outputs, terms },
  });
  const { prepare } = createTrainingBatches({
    dataset: (await readSplits(tiny.data, () => {})).train,
    input: tiny.input,
    batchSize: tiny.batchSize,
    seed: 0,
    augmentation: { flips: true },
    regions: termNeeds(terms).regions,
  });
  const report = await step.run(await prepare(0, 0), learningRate);
  for (const part of [step, optimizer, outputs, student, teacher]) {
    part.dispose();
  }
  return report;
}

Deno.test("panel() trains with what its sliders say from the very next step, and records nothing anew", async () => {
  const { panel, ask } = await freshPanel();
  await panel.step();
  const usual = panel.losses!;

  /** The first step again, with other settings. */
  const with_ = async (settings: Record<string, number>) => {
    await panel.restart();
    assert.equal((await ask("POST", "settings", settings)).status, 200);
    await panel.step();
    return panel.losses!;
  };
  const heavier = await with_({ ldWeight: 1 });
  assertClose([heavier.ld], [4 * usual.ld], { relative: 1e-5 });
  assert.equal(heavier.kd, usual.kd);
  const none = await with_({ ldWeight: 0, vlrWeight: 0, kdWeight: 0 });
  assert.deepEqual([none.ld, none.vlrLd, none.kd], [0, 0, 0]);
  assert.equal(none.qfl, usual.qfl);
  const empty = await with_({ vlrWeight: 2, gamma: 1 });
  assert.equal(empty.vlrLd, 0); // the region is empty

  const moved = { temperature: 3, ldWeight: 0.5, gamma: 0.6 };
  const softer = await with_({ ...moved, vlrWeight: 0.25, kdWeight: 10 });
  const same = await firstStep(moved, 4e-3);
  for (const name of ["qfl", "giou", "dfl", "ld", "vlrLd", "kd"]) {
    assertClose([softer[name]], [same[name]], { relative: 1e-5 }, name);
  }
  const { answer } = await ask("GET", "state");
  assert.equal(answer.recordings, 1);
  assert.equal(answer.settings.temperature, 3);
});

Deno.test("panel() learns at the slider's rate", async () => {
  const { panel } = await freshPanel();
  const twoSteps = async (learningRate: number) => {
    await panel.restart();
    panel.set({ learningRate });
    await panel.step(3); // the first images come again
    return panel.losses!.qfl;
  };
  const slow = await twoSteps(1e-5);
  const fast = await twoSteps(4e-3);
  assert.ok(Math.abs(fast - slow) > 1e-3 * slow, `${slow} ${fast}`);
  assert.equal(await twoSteps(1e-5), slow); // a restart is one
});

Deno.test("panel() refuses bad requests without a change or a pause", async () => {
  const { panel, ask } = await freshPanel();
  panel.run();
  const before = panel.settings;
  for (
    const [settings, error] of [
      [
        { temperature: 50 },
        /temperature must be a number from 0.5 to 30: current value is 50/,
      ],
      [{ gamma: 0.5, ldWeight: -1 }, /ldWeight must be a number from 0 to 2/],
      [{ gama: 0.5 }, /did you mean 'gamma'/],
      [{ image: 99 }, /image must be a whole number from 1 to 2/],
      ["{", /must be JSON/],
    ] as const
  ) {
    const { status, answer } = await ask("POST", "settings", settings);
    assert.equal(status, 400);
    assert.match(answer.error, error);
  }
  assert.equal((await ask("POST", "pause", undefined, {})).status, 401);
  assert.deepEqual(panel.settings, before);
  assert.equal(panel.state, "running");
  const { steps } = panel;
  while (panel.steps < steps + 3) await new Promise((r) => setTimeout(r, 10));
});

Deno.test("panel() runs, pauses, steps and starts again over HTTP; Stop pauses it", async () => {
  const { panel, ask, stop } = await freshPanel();
  const stepped = await ask("POST", "step");
  assert.equal(stepped.answer.step, 1);
  assert.equal((await ask("POST", "run")).answer.state, "running");
  while (panel.steps < 4) await new Promise((r) => setTimeout(r, 10));
  assert.equal((await ask("POST", "pause")).answer.state, "paused");
  await panel.step(); // behind what was running
  const { steps } = panel;
  await new Promise((r) => setTimeout(r, 100));
  assert.equal(panel.steps, steps);

  assert.equal((await ask("POST", "restart")).answer.step, 0);
  for (let round = 0; round < 2; round++) { // also the second time
    panel.run();
    stop();
    assert.equal(panel.state, "paused");
  }
});

Deno.test("panel() stays paused where Pause comes while a restart waits, and runs on after two", async () => {
  const { panel } = await freshPanel();
  panel.run();
  const restarted = panel.restart();
  panel.pause();
  await restarted;
  assert.equal(panel.state, "paused");

  panel.run();
  await Promise.all([panel.restart(), panel.restart()]);
  assert.equal(panel.state, "running");
  while (panel.steps < 2) await new Promise((r) => setTimeout(r, 10));
  await panel.pause();
});

Deno.test("panel() measures AP now and then, and draws what is new only", async () => {
  const { panel, ask } = await freshPanel();
  await panel.step(4);
  const { answer } = await ask("GET", "state");
  assert.ok(answer.ap >= 0 && answer.ap <= 1);
  const { curves, edges, regions } = answer.figures;
  const student = panel.figure().data.at(-1)!;
  assert.deepEqual(student.x, [2, 4]);
  assert.deepEqual(panel.figure(), curves.figure);

  const known = new URLSearchParams({
    curves: curves.version,
    edges: edges.version,
    regions: regions.version,
  });
  const changed = async () => {
    const { answer } = await ask("GET", `state?${known}`);
    return Object.keys(answer.figures);
  };
  assert.deepEqual(await changed(), []);
  panel.set({ level: 4 });
  assert.deepEqual(await changed(), ["regions"]);
  panel.set({ level: 3, temperature: 2 });
  assert.deepEqual(await changed(), ["curves", "edges"]);
  panel.set({ temperature: 10, image: 2 });
  assert.deepEqual(await changed(), ["edges", "regions"]);
  await panel.step();
  assert.deepEqual(await changed(), ["curves", "edges", "regions"]);
});

Deno.test("panel() says that training diverged, and goes on after a restart", async () => {
  const student: RunConfig = {
    ...tiny,
    clipNorm: null,
    optimizer: { kind: "sgd", learningRate: 1e30, weightDecay: 0 },
  };
  const { panel, ask } = await openTiny({ pair: { ...tinyPair, student } });
  await panel.step(5);
  assert.equal(panel.state, "diverged");
  const { answer } = await ask("GET", "state");
  assert.match(answer.message, /^Training diverged: '\w+' is .* at step \d/);
  for (const path of ["run", "step"]) {
    const { status, answer } = await ask("POST", path);
    assert.equal(status, 409);
    assert.match(answer.error, /diverged/);
  }
  await ask("POST", "settings", { learningRate: 1e-4 });
  assert.equal((await ask("POST", "restart")).answer.message, undefined);
  await panel.step(3);
  assert.equal(panel.state, "paused");
  assert.ok(Number.isFinite(panel.losses!.qfl));
  await panel.close();
});

Deno.test("panel() takes the place of the one of its name, beside others, and leaves nothing behind", async () => {
  const before = engine.memory();
  const first = await openTiny();
  const other = await freshPanel();
  first.panel.run();
  other.panel.set({ ldWeight: 0 });
  await other.panel.step(2);
  assert.equal(other.panel.losses!.ld, 0);
  while (first.panel.steps < 2) await new Promise((r) => setTimeout(r, 10));
  assert.ok(first.panel.losses!.ld > 0);
  // One's token does not open the other.
  const token = new URL(first.panel.address).searchParams.get("panel_token")!;
  const { status } = await other.ask("GET", "state", undefined, {
    "x-panel-token": token,
  });
  assert.equal(status, 401);

  const second = await openTiny();
  assert.equal(first.panel.state, "closed");
  assert.equal(other.panel.state, "paused");
  await assert.rejects(first.ask("GET", "state"), TypeError); // nobody listens
  assert.throws(() => first.panel.run(), /closed: run its cell again/);
  assert.match(String(first.shown.at(-1)!["text/plain"]), /closed after \d+ s/);
  await second.panel.close();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("panel() leaves one of a name where two are asked for at once", async () => {
  const before = engine.memory();
  const both = await Promise.all([openTiny(), openTiny()]);
  const states = both.map(({ panel }) => panel.state).sort();
  assert.deepEqual(states, ["closed", "paused"]);
  for (const { panel } of both) await panel.close();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("panelFrame() shows the page in a frame, with words for where there is none", () => {
  const address = '/user/"ann"/proxy/8000/?panel_token=ab';
  const { "text/html": html, "text/plain": text } = panelFrame(address);
  const quoted = address.replaceAll('"', "&quot;");
  assert.ok(String(html).includes(`<iframe src="${quoted}" title="`));
  assert.equal(
    text,
    `[live panel] sliders and curves of a student in training, at ${address}`,
  );
  assert.ok(
    String(shared.shown[0]["text/plain"]).includes(shared.panel.address),
  );
});

Deno.test("panel() refuses options before it trains a teacher, and then leaves the open panel alone", async () => {
  const { panel } = await freshPanel();
  const bad = [
    [
      { pair: undefined, scale: "large" },
      /scale must be smoke or small: .*'large'/,
    ],
    [{ images: 0 }, /images must be a whole number from 1 to 64: .*0/],
    [{ evaluateEvery: 0.5 }, /evaluateEvery must be/],
    [{ settings: { gamma: 2 } }, /gamma must be a number from 0 to 1/],
    [{ address: "x" }, /address must be like/],
    [
      {
        pair: {
          ...tinyPair,
          student: { ...tiny, model: { ...tiny.model, kind: "fcos" } },
        },
      },
      /model.kind of the student must be 'gfl'.*'fcos'/,
    ],
  ] as const;
  for (const [options, message] of bad) {
    // deno-lint-ignore no-explicit-any
    await assert.rejects(openTiny(options as any), (error: Error) => {
      assert.ok(error instanceof RangeError);
      assert.match(error.message, message);
      return true;
    });
  }
  assert.equal(panel.state, "paused");
});

Deno.test("panel() ends with its close, which may come twice", async () => {
  await shared.panel.close();
  await shared.panel.close();
  assert.equal(shared.panel.state, "closed");
});
