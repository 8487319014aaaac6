import { fileURLToPath } from "node:url";
import { projectFolder } from "../../experiments/project.ts";
import type { Notebook } from "./find_notebooks.ts";

/** A notebook's cells as HTML. */
export interface RenderedNotebook {
  readonly html: string;
  /** Its pictures, by the paths that the HTML names. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
}

/** The first form that an output has is shown. */
const priority = [
  "application/vnd.plotly.v1+json",
  "text/html",
  "text/markdown",
  "image/svg+xml",
  "image/png",
  "image/jpeg",
  "text/latex",
  "text/plain",
];

/**
 * Renders notebooks with nbconvert and the template of this folder.
 *
 * Use it for pages that load nothing from outside: of nbconvert's own page,
 * which fetches MathJax, require.js and Mermaid, nothing is taken.
 *
 * @param notebooks From `findNotebooks`.
 * @param nbconvert The program; the environment's unless given.
 * @returns By name.
 * @throws {Error} If nbconvert is not there, or fails, with what it said.
 */
export async function renderNotebooks(
  notebooks: readonly Notebook[],
  nbconvert: string = `${projectFolder}/.venv/bin/jupyter-nbconvert`,
): Promise<Map<string, RenderedNotebook>> {
  const folder = await Deno.makeTempDir({ prefix: "ldlab-site-" });
  try {
    await run(nbconvert, [
      "--to=html",
      "--template=ldlab_page",
      `--TemplateExporter.extra_template_basedirs=${
        fileURLToPath(new URL(".", import.meta.url))
      }`,
      ...priority.map((type) =>
        `--NbConvertBase.display_data_priority=${type}`
      ),
      "--HTMLExporter.embed_images=True",
      `--output-dir=${folder}`,
      ...notebooks.map(({ path }) => path),
    ]);
    const rendered = new Map<string, RenderedNotebook>();
    for (const { name } of notebooks) {
      const pictures = new Map<string, Uint8Array>();
      for (const file of await filesIn(folder, `${name}_files`)) {
        pictures.set(file, await Deno.readFile(`${folder}/${file}`));
      }
      const html = await Deno.readTextFile(`${folder}/${name}.html`);
      rendered.set(name, { html, pictures });
    }
    return rendered;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The paths of the files in a folder of `root`, if there is one. */
async function filesIn(root: string, folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(`${root}/${folder}`))
    .catch((error) => {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    });
  return entries.map(({ name }) => `${folder}/${name}`).sort();
}

async function run(program: string, args: readonly string[]): Promise<void> {
  let ended: Deno.CommandOutput;
  try {
    ended = await new Deno.Command(program, {
      args: [...args],
      // The user's own settings of nbconvert are meant for other pages.
      env: { JUPYTER_NO_CONFIG: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new Error(
      `Cannot render notebooks: nbconvert is not at ${program}: ` +
        "./ldlab setup installs it",
      { cause },
    );
  }
  if (ended.success) return;
  const said = new TextDecoder().decode(ended.stderr).trim();
  const at = [...said.matchAll(/Converting notebook (.*) to html/g)].at(-1);
  // Of a Python traceback its last words say what is wrong.
  const reason = /^[\w.]+: (?!.*^[\w.]+: ).*$/ms.exec(said)?.[0] ?? said;
  throw new Error(
    `Cannot render ${at?.[1] ?? "notebooks"}: nbconvert failed: ${reason}`,
  );
}
