import assert from "node:assert/strict";
import { progressFraction, TimeLeft } from "ldlab/report/progress_line.ts";
import { NotebookProgress } from "ldlab/report/progress_notebook.ts";
import { TerminalProgress } from "ldlab/report/progress_terminal.ts";
import { textWidth } from "ldlab/report/text_width.ts";

const state = (row: number, step: number) => ({
  levels: [{ kind: "row", name: `τ = ${row}`, index: row, count: 4 }],
  step,
  steps: 10,
  terms: { qfl: 0.5, ld: 0.125 },
  imagesPerSecond: 60,
});

function fakeOutput(isTerminal: boolean, columns = 200) {
  const written: string[] = [];
  const output = {
    isTerminal,
    columns,
    write: (text: string) => void written.push(text),
  };
  return { output, written };
}

Deno.test("progressFraction() nests loops", () => {
  const levels = [
    { kind: "row", index: 1, count: 4 },
    { kind: "seed", index: 1, count: 2 },
  ];
  // (1 + (1 + 5/10) / 2) / 4
  assert.equal(progressFraction({ levels, step: 5, steps: 10 }), 1.75 / 4);
  assert.equal(progressFraction({ levels: [], step: 0, steps: 0 }), 0);
});

Deno.test("progressFraction() is the share where turns cost different", () => {
  assert.equal(progressFraction({ ...state(0, 5), share: 0.4 }), 0.4);
});

Deno.test("TimeLeft does not count what was done before it began", () => {
  const left = new TimeLeft();
  assert.equal(left.at(state(2, 0), 100), null);
  assert.equal(left.at(state(2, 1), 100.5), null, "too early to say");
  // A quarter of the work in 20 s; a quarter is left.
  assert.equal(left.at(state(3, 0), 120), 20);
  assert.equal(left.at(state(3, 10), 140), null, "nothing is left");
});

Deno.test("TimeLeft counts anew where other work begins", () => {
  const left = new TimeLeft();
  left.at(state(0, 0), 0);
  left.at(state(3, 10), 6000); // hours of training; then rows are measured
  assert.equal(left.at(state(0, 0), 6000), null);
  // An eighth in 10 s.
  assert.equal(left.at(state(0, 5), 6010), 70);
});

Deno.test("TerminalProgress renews one line of a terminal", () => {
  const { output, written } = fakeOutput(true, 40);
  let now = 0;
  const progress = new TerminalProgress(output, () => now);
  progress.update(state(0, 1));
  now = 0.05;
  progress.update(state(0, 2));
  assert.equal(written.length, 1, "not more often than ten times a second");
  now = 0.2;
  progress.update(state(0, 3));
  progress.close();
  assert.equal(written.length, 3);
  for (const line of written.slice(0, 2)) {
    assert.ok(line.startsWith("\r\x1b[2Krow 1/4 (τ = 0) · step "));
    assert.ok(textWidth(line.slice(5)) < 40, "does not wrap");
  }
  assert.equal(written[2], "\n");
});

Deno.test("TerminalProgress takes a terminal that tells no columns for one of 80", () => {
  const { output, written } = fakeOutput(true, 0);
  new TerminalProgress(output, () => 0).update({
    ...state(0, 1),
    terms: Object.fromEntries("abcdefghij".split("").map((name) => [name, 1])),
  });
  assert.ok(written[0].startsWith("\r\x1b[2Krow 1/4 (τ = 0) · step "));
  assert.equal(textWidth(written[0].slice(5)), 79);
});

Deno.test("TerminalProgress cuts a name before the time left and the steps", () => {
  const { output, written } = fakeOutput(true, 60);
  let now = 0;
  const progress = new TerminalProgress(output, () => now);
  const name = "R18 (R18 of width 4), ours, seed 0: 8/32; R34 (R34 of width 4)";
  const at = (step: number) => ({
    ...state(0, step),
    levels: [{ kind: "run", name, index: 2, count: 13 }],
  });
  progress.update(at(1));
  now = 10;
  progress.update(at(2));
  const line = written[1].slice(5);
  assert.match(
    line,
    /^run 3\/13 \(R18 \(R18 .*…\) · step 2\/10 · 18 min 00 s left/,
  );
  assert.ok(textWidth(line) <= 59);
  const wide = fakeOutput(true, 200);
  new TerminalProgress(wide.output, () => 0).update(at(1));
  assert.ok(wide.written[0].includes(`run 3/13 (${name}) · step 1/10`));
});

Deno.test("TerminalProgress writes a log a line at a time", async () => {
  const { output, written } = fakeOutput(false);
  let now = 0;
  const progress = new TerminalProgress(output, () => now);
  for (let step = 0; step < 10; step++, now++) progress.update(state(0, step));
  assert.equal(written.length, 1);
  progress.update(state(1, 0));
  assert.equal(written.length, 2, "a new row is told at once");
  now += 10;
  progress.update(state(1, 5));
  assert.match(
    written[2],
    /^row 2\/4 \(τ = 1\) · step 5\/10 · 33 s left · 60 images\/s · qfl 0\.500, ld 0\.125\n$/,
  );
  progress.update(state(1, 9));
  await progress.close();
  assert.match(written[3], /step 9\/10/, "the last state is never lost");
});

Deno.test("TerminalProgress tells what begins at once, and once", () => {
  const { output, written } = fakeOutput(false);
  const progress = new TerminalProgress(output, () => 0);
  const begins = { levels: state(0, 0).levels, step: 0, steps: 0 };
  progress.update({ ...begins, activity: "recording the step 'train'" });
  progress.update({ ...begins, activity: "recording the step 'train'" });
  progress.update(state(0, 1));
  progress.update({ ...begins, step: 10, steps: 10, activity: "evaluating" });
  assert.deepEqual(written, [
    "row 1/4 (τ = 0) · recording the step 'train'\n",
    "row 1/4 (τ = 0) · step 10/10 · evaluating\n",
  ]);
});

Deno.test("TerminalProgress tells of a download's pace no more often than of steps", () => {
  const { output, written } = fakeOutput(false);
  let now = 0;
  const progress = new TerminalProgress(output, () => now);
  const begins = { levels: [], step: 0, steps: 0 };
  for (; now < 10; now++) {
    const activity = `downloading a.pth · ${now}.0 of 30.0 MB`;
    progress.update({ ...begins, activity });
  }
  assert.deepEqual(written, ["downloading a.pth · 0.0 of 30.0 MB\n"]);
  progress.update({ ...begins, activity: "downloading b.pth · 0.0 MB" });
  assert.equal(written.length, 2);
});

Deno.test("NotebookProgress has shown what begins when its update is awaited", async () => {
  const lines: string[] = [];
  const progress = new NotebookProgress({
    put: async (bundle) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      lines.push(String(bundle["text/plain"]).split(" · ")[2]);
    },
  });
  progress.update({ ...state(0, 1), activity: "opening" }); // being drawn
  await progress.update({ ...state(0, 1), activity: "recording" });
  assert.deepEqual(lines, ["opening", "recording"]);
  await progress.update(state(0, 2)); // too early to be drawn
  await progress.update({ ...state(0, 2), activity: "evaluating" });
  await progress.update({ ...state(0, 3), activity: "evaluating" });
  assert.deepEqual(lines, ["opening", "recording", "evaluating"]);
  await progress.close();
  assert.equal(lines.length, 4, "the last state is never lost");
});

Deno.test("NotebookProgress draws at most four times a second", async () => {
  const lines: string[] = [];
  const progress = new NotebookProgress({
    put: (bundle) => {
      lines.push(String(bundle["text/plain"]));
      assert.match(String(bundle["text/html"]), /<progress max="1" value="0\./);
      return Promise.resolve();
    },
  });
  const start = performance.now();
  for (let step = 0; performance.now() - start < 600; step++) {
    progress.update(state(0, Math.min(step, 9)));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await progress.close();
  // At 0, 250 and 500 ms, and the last one; fewer on a busy machine.
  assert.ok(lines.length >= 2 && lines.length <= 4, `${lines.length} draws`);
  assert.match(lines.at(-1)!, /step 9\/10/);
});

Deno.test("NotebookProgress goes on when the page is gone", async () => {
  const progress = new NotebookProgress({
    put: () => Promise.reject(new Error("no page")),
  });
  progress.update(state(0, 0));
  await new Promise((resolve) => setTimeout(resolve, 1));
  progress.update(state(0, 1));
});

Deno.test("NotebookProgress.close() shows its message last", async () => {
  const lines: string[] = [];
  const progress = new NotebookProgress({
    put: async (bundle) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      lines.push(String(bundle["text/html"]));
    },
  });
  progress.update(state(0, 0));
  await progress.close("3 < 4");
  assert.equal(lines.length, 2);
  assert.equal(lines[1], "<div>3 &lt; 4</div>");
});
