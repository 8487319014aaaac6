import assert from "node:assert/strict";
import { PRESETS } from "ldlab/distill/mod.ts";
import { teacherAssistants } from "../../experiments/teacher_assistants.ts";
import { tiny } from "./tiny_config.ts";

const settings = { ...PRESETS.ld2021, detectorLosses: { dfl: 0 } };

Deno.test("teacherAssistants() gives each network the one before it as teacher", () => {
  const models = Array.from({ length: 5 }, (_, index) => ({
    label: `network ${index}`,
    config: { ...tiny, epochs: 5 - index },
    ...(index === 1 && { seed: 7 }),
  }));
  const links = teacherAssistants(models, settings);
  assert.deepEqual(links.map(({ label }) => label), models.map((m) => m.label));
  assert.deepEqual(links.map(({ seed }) => seed), [0, 7, 0, 0, 0]);
  assert.deepEqual(links[0].config, models[0].config);
  links.slice(1).forEach(({ config }, index) => {
    const teacher = links[index];
    assert.deepEqual(config, {
      ...models[index + 1].config,
      ...settings,
      teacher: { config: teacher.config, seed: teacher.seed },
    });
  });
});

const own = { config: tiny, seed: 0 };
const bad: Record<string, [Parameters<typeof teacherAssistants>[0], RegExp]> = {
  "no network": [[], /at least one who learns from it: .* is 0/],
  "one network": [[{ label: "a", config: tiny }], /networks is 1/],
  "a first network that has a teacher": [[
    { label: "a", config: { ...tiny, teacher: own } },
    { label: "b", config: tiny },
  ], /'a' must have no teacher/],
  "a later network that has a teacher": [[
    { label: "a", config: tiny },
    { label: "b", config: { ...tiny, teacher: own } },
  ], /'b' must have no teacher/],
  "a link of other bins in the middle": [[
    { label: "a", config: tiny },
    { label: "b", config: { ...tiny, model: { ...tiny.model, regMax: 7 } } },
    { label: "c", config: tiny },
  ], /Cannot distil 'b': regMax must be its teacher's, 16: .* is 7/],
};
for (const [what, [models, message]] of Object.entries(bad)) {
  Deno.test(`teacherAssistants() refuses ${what}`, () => {
    assert.throws(() => teacherAssistants(models, settings), {
      name: "RangeError",
      message,
    });
  });
}
