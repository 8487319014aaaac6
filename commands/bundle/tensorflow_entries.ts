import { dirname } from "node:path";
import { CUDA_LIBRARIES } from "../../lib/engine/cuda_libraries.ts";
import { findTensorflow } from "../../lib/engine/find_tensorflow.ts";
import { type Entry, fileEntry } from "./entry.ts";
import { loadedLibraryEntry } from "./loaded_library.ts";

/** Where the engine looks for TensorFlow, whatever the version of Python. */
const PACKAGES = ".venv/lib/python3/site-packages";

/** TensorFlow's library and what of TensorFlow it is linked to. */
const LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];

/** Of CUDA's packages, what is only for compiling against them. */
const LEFT_OUT = /^include$|^__pycache__$|\.(py|a|h|cmake)$/;

/**
 * TensorFlow's shared libraries, without its Python side.
 *
 * @param project The project's folder.
 * @returns One entry a file.
 * @throws {Error} If TensorFlow is missing.
 */
export async function tensorflowEntries(project: string): Promise<Entry[]> {
  const folder = dirname(findTensorflow({ from: [project] }));
  const entries: Entry[] = [];
  for (const name of LIBRARIES) {
    const path = `${PACKAGES}/tensorflow/${name}`;
    entries.push(await loadedLibraryEntry(`${folder}/${name}`, path));
  }
  const notices = "THIRD_PARTY_NOTICES.txt";
  if (await exists(`${folder}/${notices}`)) {
    const path = `${PACKAGES}/tensorflow/${notices}`;
    entries.push(await fileEntry(`${folder}/${notices}`, path));
  }
  return entries;
}

/**
 * The CUDA libraries beside TensorFlow, and the programs and tables that it needs
 * to compile for a GPU.
 *
 * @param project The project's folder.
 * @returns One entry a file.
 * @throws {Error} If there are none, with the remedy.
 */
export async function cudaEntries(project: string): Promise<Entry[]> {
  const folder = dirname(dirname(findTensorflow({ from: [project] })));
  const entries: Entry[] = [];
  const walk = async (path: string) => {
    const names = await Array.fromAsync(Deno.readDir(`${folder}/${path}`));
    for (const name of names.map(({ name }) => name).sort()) {
      if (LEFT_OUT.test(name)) continue;
      const source = `${folder}/${path}/${name}`;
      if ((await Deno.stat(source)).isDirectory) await walk(`${path}/${name}`);
      else entries.push(await fileEntry(source, `${PACKAGES}/${path}/${name}`));
    }
  };
  if (await exists(`${folder}/nvidia`)) await walk("nvidia");
  const missing = CUDA_LIBRARIES.map(({ name }) => name)
    .filter((name) => !entries.some(({ path }) => path.endsWith(`/${name}`)));
  if (missing.length > 0) {
    throw new Error(
      `Cannot bundle CUDA: ${
        missing.join(", ")
      } must be in ${folder}/nvidia. ` +
        `Please run ./ldlab setup --cuda, then bundle again`,
    );
  }
  return entries;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
