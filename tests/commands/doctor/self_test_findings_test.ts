import assert from "node:assert/strict";
import {
  LOSSES,
  selfTestFindings,
} from "../../../commands/doctor/check_self_test.ts";
import type { PartAnswer } from "../../../commands/doctor/self_test_answer.ts";
import { answer } from "./fake_system.ts";

const whole: readonly PartAnswer[] = [
  {
    part: "engine",
    seconds: 1,
    backend: "tensorflow",
    reason: "TensorFlow 2",
    device: "cpu",
  },
  { part: "devices", seconds: 0, cards: [] },
  { part: "step", seconds: 2, losses: LOSSES },
  { part: "store", seconds: 0.1 },
  { part: "figure", seconds: 3 },
];

function findings(parts: readonly PartAnswer[], other = {}) {
  const lines = parts.map((part) => JSON.stringify(part));
  const stdout = ["I tensorflow/core: log", ...lines, ""].join("\n");
  return selfTestFindings(answer(stdout, other), {
    again: "set it up",
    wantsCard: false,
  });
}

/** The findings with one part in place of its like. */
function changed(part: PartAnswer) {
  return findings(whole.map((old) => old.part === part.part ? part : old))
    .filter(({ state }) => state !== "good");
}

Deno.test("selfTestFindings() reads what the parts said, between TensorFlow's lines", () => {
  assert.deepEqual(findings(whole), [
    { subject: "Engine", value: "TensorFlow 2", state: "good" },
    { subject: "Devices", value: "cpu", state: "good" },
    {
      subject: "A training step",
      value: "losses 2.65670, 2.61393, as they should be, 2.0 s",
      state: "good",
    },
    {
      subject: "A run stored",
      value: "written and read, 0.1 s",
      state: "good",
    },
    { subject: "A figure drawn", value: "as SVG, 3.0 s", state: "good" },
  ]);
  // Without a browser nothing is drawn.
  assert.equal(findings(whole.slice(0, 4)).length, 4);
});

Deno.test("selfTestFindings() lists cards, and says where one is not used", () => {
  const card = {
    name: "NVIDIA H100",
    capability: [9, 0],
    bytes: 80 * 2 ** 30,
  } as const;
  const listed = "gpu:0 NVIDIA H100, 80.0 GiB, compute capability 9.0";
  const devices = (
    device: string,
    cards: PartAnswer["cards"],
    wantsCard: boolean,
  ) => {
    const engine = { ...whole[0], device };
    const lines = [engine, { ...whole[1], cards }, ...whole.slice(2)]
      .map((part) => JSON.stringify(part));
    const all = answer(lines.join("\n"));
    return selfTestFindings(all, { again: "", wantsCard })[1];
  };
  const used = devices("gpu:0", [card], true);
  assert.deepEqual([used.state, used.value], ["good", `cpu; ${listed}`]);
  const unwanted = devices("cpu", [card], false);
  assert.deepEqual([unwanted.state, unwanted.value], ["good", used.value]);
  for (const cards of [[card], []]) {
    const { state, value, remedy } = devices("cpu", cards, true);
    assert.equal(state, "lacking");
    assert.match(value, /; there is a card, which is not used$/);
    assert.match(remedy!, /engine says.*LDLAB_DEVICE=cpu/);
  }
});

Deno.test("selfTestFindings() knows wrong losses, and allows for TF32", () => {
  const step = (first: number, second: number) =>
    changed({ part: "step", seconds: 1, losses: [first, second] });
  const [first, second] = LOSSES;
  assert.deepEqual(step(first * 1.001, second * 0.999), []);
  // What an update that did nothing, another network and a NaN would say.
  for (const [one, other] of [[first, first], [2.5, 2.4], [NaN, NaN]]) {
    const [{ value, state, remedy }] = step(one, other);
    assert.equal(state, "broken");
    assert.match(value, /, not 2\.65670, 2\.61393$/);
    assert.match(remedy!, /report this page/);
  }
});

Deno.test("selfTestFindings() says what failed, and what to do", () => {
  const other = { part: "engine", seconds: 1, backend: "cpu" } as const;
  assert.deepEqual(changed({ ...other, reason: "JavaScript. No library" }), [{
    subject: "Engine",
    value: "JavaScript. No library (TensorFlow is not used)",
    state: "broken",
    remedy: "set it up",
  }]);
  const error = "it is full";
  const cases = [
    ["engine", "broken", /set it up/],
    ["devices", "lacking", /report/],
    ["step", "broken", /report/],
    ["store", "broken", /TMPDIR/],
    ["figure", "lacking", /chromium/],
  ] as const;
  for (const [part, state, remedy] of cases) {
    const [finding, ...others] = changed({ part, seconds: 1, error });
    // A step without an engine is no news of its own.
    assert.deepEqual(
      others.map(({ subject, value }) => [subject, value]),
      part === "engine"
        ? [["A training step", "not tried without an engine"]]
        : [],
    );
    assert.deepEqual([finding.state, finding.value], [state, error]);
    assert.match(finding.remedy!, remedy);
  }
});

Deno.test("selfTestFindings() sends nobody to set up anew for a device that the environment names", () => {
  for (
    const error of [
      "Cannot use gpu:0: there is no NVIDIA driver (libcuda.so.1). On a …",
      "Cannot open engine: device must be auto, cpu or gpu:0 (gpu:1 …): …",
    ]
  ) {
    const [engine] = changed({ part: "engine", seconds: 1, error });
    assert.deepEqual([engine.state, engine.value], ["broken", error]);
    assert.equal(engine.remedy, "do what it says, or unset LDLAB_DEVICE");
  }
});

Deno.test("selfTestFindings() says how the process ended that said nothing more", () => {
  const cases = [
    [
      { code: 139, signal: "SIGSEGV", stderr: "a\nb\n" },
      "not reached: the self-test ended with SIGSEGV, saying 'b'",
    ],
    [{ code: 1 }, "not reached: the self-test ended with exit status 1"],
    [
      { code: 137, signal: "SIGKILL", late: true },
      "not reached in 120 s",
    ],
  ] as const;
  for (const [end, value] of cases) {
    const [engine, devices, step, store, ...others] = findings(
      whole.slice(0, 2),
      end,
    );
    assert.deepEqual([engine.state, devices.state], ["good", "good"]);
    assert.deepEqual([step.state, step.value], ["broken", value]);
    assert.deepEqual([store.state, store.value], ["broken", value]);
    assert.deepEqual(others, []);
  }
});
