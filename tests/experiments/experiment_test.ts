import assert from "node:assert/strict";
import { relative } from "node:path";
import { PRESETS } from "ldlab/distill/presets.ts";
import {
  type ExperimentOptions,
  runExperiment,
} from "../../experiments/experiment.ts";
import { projectFolder } from "../../experiments/project.ts";
import { RunStore } from "../../experiments/store.ts";
import { tiny } from "./tiny_config.ts";

/** Runs an experiment in a new folder, as often as it is called. */
async function inStore(
  body: (store: RunStore, options: ExperimentOptions) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  const store = new RunStore(folder);
  try {
    await body(store, { store, seeds: 2 });
  } finally {
    store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

const short = { ...tiny, epochs: 1, warmup: { iterations: 1, start: 1 / 2 } };
const { terms } = PRESETS.ld2021;

const experiment = {
  teachers: [{ label: "teacher", config: tiny }],
  baseline: short,
  rows: [
    { label: "without LD", change: {} },
    { label: "LD", change: { terms, teacher: { config: tiny, seed: 0 } } },
    {
      label: "LD of a pupil",
      change: {
        terms,
        teacher: {
          config: { ...short, terms, teacher: { config: tiny, seed: 0 } },
          seed: 7,
        },
      },
    },
  ],
};

Deno.test("runExperiment() runs each distinct teacher before who learns from it, once, and gives each row its own", () =>
  inStore(async (store, options) => {
    const shares: number[] = [];
    const result = await runExperiment(experiment, {
      ...options,
      onProgress: ({ share, activity }) => {
        if (activity === undefined) shares.push(share);
      },
    });
    const runs = store.all();
    assert.deepEqual(runs.map(({ label, seed }) => `${label} ${seed}`), [
      "teacher 0",
      "without LD 0",
      "LD 0",
      "teacher of LD of a pupil 7",
      "LD of a pupil 0",
      ...experiment.rows.map(({ label }) => `${label} 1`),
    ]);
    const [own, , , pupil] = runs;
    assert.deepEqual(result?.teachers[0].run, own);
    assert.equal(pupil.teacher, own.id);
    assert.deepEqual(
      result?.rows.map(({ runs }) => runs.map(({ teacher }) => teacher)),
      [null, own.id, pupil.id].map((id) => [id, id]),
    );
    assert.deepEqual(
      result?.rows.map(({ runs }) => runs.map(({ seed }) => seed)),
      result?.rows.map(() => [0, 1]),
    );
    // Another teacher teaches something else.
    const [ld, ofPupil] = [1, 2].map((row) =>
      result!.rows[row].runs[0].epochs[0]!.ld
    );
    assert.notEqual(ld, ofPupil);
    assert.ok(shares.every((s, i) => i === 0 || s > shares[i - 1]));
    assert.ok(Math.abs(shares.at(-1)! - 1) < 1e-12);
  }));

Deno.test("runExperiment() mends a teacher that a new row needs, and says so once", () =>
  inStore(async (store, options) => {
    const [baseline, row] = experiment.rows;
    await runExperiment({ ...experiment, rows: [baseline] }, options);
    const { id } = store.all()[0];
    await Deno.remove(store.runFolder(id), { recursive: true });
    const notices: string[] = [];
    const result = await runExperiment(
      { ...experiment, rows: [baseline, row] },
      { ...options, onNotice: (message) => notices.push(message) },
    );
    assert.equal(result?.rows[1].runs[1].status, "finished");
    assert.equal(notices.length, 1);
    assert.match(notices[0], /are missing\. teacher, seed 0, is run again/);
  }));

Deno.test("runExperiment() keeps results of further seeds when all weights are gone", () =>
  inStore(async (store, options) => {
    const only = { ...experiment, rows: experiment.rows.slice(0, 1) };
    const before = await runExperiment(only, options);
    await Deno.remove(`${store.folder}/runs`, { recursive: true });
    const notices: string[] = [];
    const after = await runExperiment(only, {
      ...options,
      onNotice: (message) => notices.push(message),
    });
    assert.equal(notices.length, 2); // the teacher and the first seed
    assert.deepEqual(after?.rows[0].runs[1], before?.rows[0].runs[1]);
    assert.ok(await Deno.stat(store.runFolder(after!.teachers[0].run.id)));
  }));

/** A folder with a few images of BCCD, one of them with a box of no area. */
async function someCells(): Promise<string> {
  const folder = await Deno.makeTempDir();
  const from = `${projectFolder}/data/bccd`;
  const ids = ["BloodImage_00338", "BloodImage_00000"];
  await Deno.mkdir(`${folder}/ImageSets/Main`, { recursive: true });
  for (const [part, end] of [["Annotations", "xml"], ["JPEGImages", "jpg"]]) {
    await Deno.mkdir(`${folder}/${part}`);
    for (const id of ids) {
      const name = `${part}/${id}.${end}`;
      await Deno.copyFile(`${from}/${name}`, `${folder}/${name}`);
    }
  }
  await Deno.writeTextFile(`${folder}/ImageSets/Main/all.txt`, ids.join("\n"));
  return folder;
}

Deno.test("runExperiment() tells what was skipped in the data, also when all is stored", () =>
  inStore(async (_, options) => {
    const cells = await someCells();
    const all = { root: relative(projectFolder, cells), split: "all" };
    const config = {
      ...short,
      data: {
        kind: "voc",
        train: [all],
        test: all,
        classes: ["RBC", "WBC", "Platelets"],
      },
    } as const;
    const told: string[][] = [];
    for (const _time of ["run", "stored"]) {
      const notices: string[] = [];
      await runExperiment(
        {
          teachers: [{ label: "teacher", config }],
          baseline: { ...config, epochs: 2 },
          rows: [{ label: "without LD", change: {} }],
        },
        {
          ...options,
          seeds: 1,
          onNotice: (message) => notices.push(message),
        },
      );
      told.push(notices);
    }
    assert.equal(told[0].length, 1, told[0].join("\n"));
    assert.match(told[0][0], /Skipped boxes of no area: 1 .*BloodImage_00338/);
    assert.deepEqual(told[1], told[0]);
    await Deno.remove(cells, { recursive: true });
  }));
