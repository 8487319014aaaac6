/**
 * `./ldlab bundle`: ldlab and all that it runs with as one folder, or as parts,
 * for machines without internet.
 */
import { projectFolder } from "../experiments/project.ts";
import { commitId } from "../experiments/run_environment.ts";
import { show } from "../lib/report/mod.ts";
import { bundleComponents } from "./bundle/components.ts";
import { freshFolder } from "./bundle/fresh_folder.ts";
import { partSize } from "./bundle/part_size.ts";
import { sizeTable } from "./bundle/size_table.ts";
import { writeFolder } from "./bundle/write_folder.ts";
import { writeParts } from "./bundle/write_parts.ts";
import type { Command } from "./command.ts";
import { notice } from "./notice.ts";
import { runCommand } from "./run_command.ts";

const BUNDLE = {
  name: "./ldlab bundle",
  about: "Puts ldlab and all that it runs with into one folder, for machines " +
    "without internet: Deno, TensorFlow's libraries, npm packages, the " +
    "library, experiments, notebooks, tests and BCCD.",
  flags: {
    cuda: {
      kind: "switch",
      about: "with the CUDA libraries of ./ldlab setup --cuda",
    },
    partSize: {
      kind: "text",
      value: "SIZE",
      about: "compressed, in files of at most this size, 24MiB for example,\n" +
        "with an unpack.sh",
    },
    output: {
      kind: "text",
      value: "FOLDER",
      default: "ldlab-bundle",
      about: "where to; it is made",
    },
  },
  notes:
    "The folder runs wherever it lies: FOLDER/ldlab demo. Parts are copied " +
    "all, then: sh unpack.sh [FOLDER]. The machine needs Linux x86-64 with glibc " +
    "2.27 or newer and libstdc++; no network, Python or Node.",
} as const satisfies Command;

Deno.exit(
  await runCommand(
    BUNDLE,
    Deno.args,
    async ({ cuda, partSize: size, output }) => {
      const partBytes = size === null ? null : partSize(size);
      const commit = commitId();
      const components = await bundleComponents(projectFolder, {
        cuda,
        commit,
      });
      const packed: number[] = [];
      await freshFolder(output, async (folder) => {
        if (partBytes === null) {
          await writeFolder(
            components,
            folder,
            ({ name }) => notice(`${name} copied`),
          );
          return;
        }
        const { version } = JSON.parse(
          await Deno.readTextFile(`${projectFolder}/deno.json`),
        );
        await writeParts(components, folder, {
          partBytes,
          version,
          commit,
          onComponent({ name, parts }) {
            notice(`${name} packed into ${parts.length} parts`);
            packed.push(parts.reduce((sum, { bytes }) => sum + bytes, 0));
          },
        });
      });
      await show(sizeTable(components, packed));
      console.log(
        partBytes === null
          ? `\nIn ${output}, to copy anywhere: ./ldlab doctor there says how it is.`
          : `\nIn ${output}, to copy all of it, then: sh unpack.sh [FOLDER]`,
      );
    },
  ),
);
