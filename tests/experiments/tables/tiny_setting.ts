/** A setting whose runs take a second: what is learnt does not matter. */
import type { RunConfig } from "../../../experiments/config.ts";
import type { TableSetting } from "../../../experiments/tables/table_setting.ts";
import { tiny } from "../tiny_config.ts";

// One step; a batch of 4 can be distilled in 4 parts.
const student: RunConfig = {
  ...tiny,
  batchSize: 4,
  epochs: 1,
  warmup: { iterations: 1, start: 1 / 2 },
};

export const tinySetting: TableSetting = {
  scale: "smoke",
  description: "tiny scenes",
  tested: "scenes",
  student,
  teacher: {
    config: {
      ...student,
      model: { ...tiny.model, backbone: { depth: 18, baseWidth: 8 } },
    },
    seed: 0,
  },
};
