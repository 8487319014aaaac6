/**
 * `./ldlab site`: the notebooks as a website that is opened as files, without a
 * server, a kernel or the network.
 */
import { resolve } from "node:path";
import { projectFolder, resultsFolder } from "../experiments/project.ts";
import type { Command } from "./command.ts";
import { notice } from "./notice.ts";
import { runCommand } from "./run_command.ts";
import { buildSite } from "./site/build_site.ts";

const SITE = {
  name: "./ldlab site",
  about: "Makes a website of the notebooks, with the outputs that they have. " +
    "It is opened as files: it needs no server and no network, and the " +
    "figures' sliders need no kernel.",
  flags: {
    from: {
      kind: "text",
      value: "FOLDER",
      default: `${projectFolder}/notebooks`,
      about: "the notebooks, as executed copies; notebooks/ unless given",
    },
    output: {
      kind: "text",
      value: "FOLDER",
      default: `${resultsFolder}/site`,
      about: "the site; a new or empty folder, or an older site, which is\n" +
        "replaced; results/site unless given",
    },
  },
} as const satisfies Command;

Deno.exit(
  await runCommand(SITE, Deno.args, async ({ from, output }) => {
    console.log(`Rendering the notebooks of ${from}`);
    const { files, notices } = await buildSite(from, output);
    for (const file of files.filter((name) => name.endsWith(".html"))) {
      console.log(`  ${file}`);
    }
    for (const each of notices) notice(each);
    console.log(`Site: ${resolve(output)}/index.html`);
  }),
);
