/** What is stored is shown by a process that has just begun. */
import assert from "node:assert/strict";
import { RunStore } from "../../../experiments/store.ts";
import { runTable } from "../../../experiments/tables/run_table.ts";
import { FIGURE_5 } from "../../../experiments/tables/figure_5.ts";
import { SCORE_VOTING } from "../../../experiments/tables/score_voting.ts";
import { tinySetting } from "./tiny_setting.ts";

const rows = ["ours_soft"];

/** Runs rows in a process of its own; says whether TensorFlow was opened. */
async function inProcess(folder: string) {
  const here = (path: string) =>
    JSON.stringify(new URL(path, import.meta.url).href);
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(
    script,
    `import * as tf from "npm:@tensorflow/tfjs-core@4.22.0";
     import { runTable } from ${
      here("../../../experiments/tables/run_table.ts")
    };
     import { SCORE_VOTING } from ${
      here("../../../experiments/tables/score_voting.ts")
    };
     import { tinySetting } from ${here("./tiny_setting.ts")};
     const { result, notices } = await runTable(SCORE_VOTING, {
       scale: tinySetting, rows: ${JSON.stringify(rows)}, folder: ${
      JSON.stringify(folder)
    },
     });
     const isOpen = tf.findBackend("tensorflow") !== null;
     console.log(JSON.stringify({ result, notices, isOpen }));
     Deno.exit(0);`,
  );
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `--config=${config}`, script],
  }).output();
  await Deno.remove(script);
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(
    new TextDecoder().decode(stdout).trim().split("\n").at(-1)!,
  );
}

Deno.test("runTable() shows what is stored without an engine or the data, and does again what is not", async () => {
  const folder = await Deno.makeTempDir();
  const first = await runTable(SCORE_VOTING, {
    scale: tinySetting,
    rows,
    folder,
  });
  const expected = JSON.parse(JSON.stringify(first.result));
  const [nms, soft] = first.result.rows;
  assert.equal(nms.runs[0].id, soft.runs[0].id); // measured in two ways

  const store = new RunStore(folder);
  const { data } = tinySetting.student;
  const key = JSON.stringify(data, Object.keys(data).sort()); // canonical
  assert.deepEqual(store.dataNotices(key), []);
  store.setDataNotices(key, ["made up"]); // as a reader had said it
  const second = await inProcess(folder);
  assert.deepEqual(second, {
    result: expected,
    notices: ["made up"],
    isOpen: false,
  });

  // What is not there is made again: a run and its teacher's weights.
  const [{ id }] = soft.runs;
  store.remove(id);
  const weights = store.runFolder(first.result.teachers[0].run.id);
  await Deno.remove(weights, { recursive: true }); // a teacher that was removed
  const third = await inProcess(folder);
  assert.equal(third.isOpen, true);
  assert.equal(third.notices.length, 1);
  assert.match(
    third.notices[0],
    /^The weights .* are missing\. teacher, seed 0, is run again$/,
  );
  for (const [at, { runs }] of first.result.rows.entries()) {
    assert.deepEqual(third.result.rows[at].runs[0].metrics, runs[0].metrics);
  }
  assert.ok((await Deno.stat(weights)).isDirectory);
  store.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("runTable() measures all seeds anew where all weights are gone, the teacher's too", async () => {
  const folder = await Deno.makeTempDir();
  const rows = ["baseline"];
  const options = { scale: tinySetting, rows, seeds: 2, folder };
  const first = await runTable(FIGURE_5, options);
  await Deno.remove(`${folder}/runs`, { recursive: true });
  const second = await runTable(FIGURE_5, options);
  const metricsOf = ({ result }: typeof first) =>
    result.rows.map(({ runs }) => runs.map(({ metrics }) => metrics));
  assert.deepEqual(metricsOf(second), metricsOf(first));
  assert.equal(new Set(second.notices).size, second.notices.length);
  await Deno.remove(folder, { recursive: true });
});
