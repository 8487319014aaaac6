/** `./ldlab runs`: looks after the stored runs. */
import { DIFF } from "./runs/diff.ts";
import { EXPORT } from "./runs/export.ts";
import { LIST } from "./runs/list.ts";
import { REMOVE } from "./runs/remove.ts";
import { SHOW } from "./runs/show.ts";
import { TENSORBOARD } from "./runs/tensorboard.ts";
import { runSubcommand } from "./run_subcommand.ts";

Deno.exit(
  await runSubcommand(
    "./ldlab runs",
    "Looks after the stored runs. An ID may be cut short, as long as one run " +
      "alone\nbegins with it.",
    {
      list: LIST,
      show: SHOW,
      diff: DIFF,
      export: EXPORT,
      remove: REMOVE,
      tensorboard: TENSORBOARD,
    },
    Deno.args,
  ),
);
