/** A table with all that a writer can meet: groups, deviations, gaps, signs. */
import { makeTable } from "ldlab/report/table.ts";

export const sampleTable = makeTable({
  title: "AP over τ, 50 % of A & B",
  columns: [
    { heading: "row", kind: "text" },
    { heading: "AP", kind: "number", group: "here" },
    { heading: "Δ", kind: "number", group: "here", digits: 2 },
    { heading: "AP", kind: "number", group: "paper (COCO)" },
    { heading: "time", kind: "duration" },
  ],
  rows: [
    ["no LD", { mean: 38.84, deviation: 0.31 }, null, 40.1, 61],
    ["a|b <c>", { mean: 9.96, deviation: null }, -1.005, NaN, 3725],
  ],
  notes: ["Seeds: 1, 2_3."],
});
