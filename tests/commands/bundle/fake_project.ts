/** A project of a few small files, laid out as a set-up one. */
import { dirname } from "node:path";

const PACKAGES = ".venv/lib/python3.11/site-packages";

/** A path longer than a tar header's name. */
export const LONG = `lib/${"deep/".repeat(24)}end.ts`;

const FILES: Readonly<Record<string, string>> = {
  ".gitignore": "/results/\n",
  "LICENSE": "MIT\n",
  "README.md": "# ldlab\n",
  "bench/one.ts": "1;\n",
  "bench/.venv/torch.py": "left out",
  "commands/one.ts": "2;\n",
  "constraints.txt": "",
  "data/README.md": "data\n",
  "data/bccd/a.jpg": "\xff\xd8",
  "data/coco/b.jpg": "left out",
  "deno.json": '{ "version": "1.2.3", "imports": { "a": "npm:@x/a@1.0.0" } }\n',
  "deno.lock": '{ "specifiers": { "npm:@x/a@1.0.0": "1.0.0" } }\n',
  "docs/one.png": "png",
  "experiments/one.ts": "3;\n",
  "lib/one.ts": "4;\n",
  [LONG]: "τ\n",
  "notebooks/one.ipynb": "{}\n",
  "requirements.txt": "deno==2.9.8\n",
  "results/runs.sqlite": "left out",
  "results/small/README.md": "small\n",
  "tests/one_test.ts": "5;\n",
  "tests/__pycache__/a.pyc": "left out",
  [`${PACKAGES}/tensorflow/libtensorflow_cc.so.2`]: "c".repeat(5e6),
  [`${PACKAGES}/tensorflow/libtensorflow_framework.so.2`]: "framework",
  [`${PACKAGES}/tensorflow/python/big.py`]: "left out",
  "node_modules/.deno/@x+a@1.0.0/node_modules/@x/a/a.js": "a",
  "node_modules/.deno/@x+a@1.0.0/node_modules/@x/a/a.js.map": "left out",
  "node_modules/.deno/b@2.0.0/node_modules/b/b.js": "b",
  "node_modules/.deno/unused@3.0.0/node_modules/unused/c.js": "left out",
};

const LINKS: Readonly<Record<string, string>> = {
  "node_modules/@x/a": "../.deno/@x+a@1.0.0/node_modules/@x/a",
  "node_modules/unused": ".deno/unused@3.0.0/node_modules/unused",
  "node_modules/.deno/@x+a@1.0.0/node_modules/b":
    "../../b@2.0.0/node_modules/b",
  "node_modules/.deno/node_modules/b": "../b@2.0.0/node_modules/b",
  "node_modules/.deno/node_modules/unused":
    "../unused@3.0.0/node_modules/unused",
};

const PROGRAMS: Readonly<Record<string, string>> = {
  ".venv/bin/deno": `#!/bin/sh\nexec '${Deno.execPath()}' "$@"\n`,
  "ldlab": '#!/bin/sh\necho "ldlab $*, from $0"\n',
};

/** What a bundle of it holds, without its stamp; links by their targets. */
export const BUNDLED: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({ ...FILES, ...PROGRAMS, ...LINKS })
    .filter(([path, text]) => text !== "left out" && !path.endsWith("/unused"))
    .map(([path, text]) => [path.replace("python3.11", "python3"), text]),
);

/** Makes the project in a new folder. */
export async function fakeProject(folder: string): Promise<void> {
  for (const [path, text] of Object.entries({ ...FILES, ...PROGRAMS })) {
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  for (const path of Object.keys(PROGRAMS)) {
    await Deno.chmod(`${folder}/${path}`, 0o755);
  }
  for (const [path, target] of Object.entries(LINKS)) {
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.symlink(target, `${folder}/${path}`);
  }
}

/** Every file's text and every link's target under a folder, by path. */
export async function contents(
  folder: string,
  under = "",
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const entry of Deno.readDir(`${folder}/${under}`)) {
    const path = `${under}${entry.name}`;
    if (entry.isDirectory) {
      Object.assign(found, await contents(folder, `${path}/`));
    } else {
      found[path] = entry.isSymlink
        ? await Deno.readLink(`${folder}/${path}`)
        : await Deno.readTextFile(`${folder}/${path}`);
    }
  }
  return found;
}
