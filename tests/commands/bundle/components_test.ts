import assert from "node:assert/strict";
import { bundleComponents } from "../../../commands/bundle/components.ts";
import { loadedLibraryEntry } from "../../../commands/bundle/loaded_library.ts";
import { writeFolder } from "../../../commands/bundle/write_folder.ts";
import { CUDA_LIBRARIES } from "../../../lib/engine/cuda_libraries.ts";
import { BUNDLED, contents, fakeProject } from "./fake_project.ts";

const folder = await Deno.makeTempDir();
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);
const options = { cuda: false, commit: "abc" };

async function project(name: string): Promise<string> {
  await fakeProject(`${folder}/${name}`);
  return `${folder}/${name}`;
}

Deno.test("bundleComponents() takes what runs, and none of what is beside it", async () => {
  const components = await bundleComponents(await project("whole"), options);
  assert.deepEqual(
    components.map(({ name }) => name),
    ["deno", "tensorflow", "packages", "ldlab"],
  );
  const out = `${folder}/out`;
  await Deno.mkdir(out);
  await writeFolder(components, out);
  const { ".ldlab-bundle": stamp, ...found } = await contents(out);
  assert.deepEqual(found, BUNDLED);
  assert.deepEqual(JSON.parse(stamp), { commit: "abc" });
  for (const [path, executable] of [["ldlab", true], ["deno.json", false]]) {
    const { mode } = await Deno.stat(`${out}/${path}`);
    assert.equal((mode! & 0o100) !== 0, executable);
  }
  // What the links lead to is there.
  assert.equal(await Deno.readTextFile(`${out}/node_modules/@x/a/a.js`), "a");
});

Deno.test("bundleComponents() takes CUDA's libraries, and says how to get them", async () => {
  const of = await project("cuda");
  const cuda = { ...options, cuda: true };
  const packages = `${of}/.venv/lib/python3.11/site-packages/nvidia`;
  const write = async (path: string) => {
    const file = `${packages}/${path}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(file, "");
  };
  const libraries = CUDA_LIBRARIES.map(({ name }) => `a/lib/${name}`);
  for (const path of libraries.slice(1)) await write(path);
  for (const path of ["include/cuda.h", "__init__.py"]) {
    await write(`a/${path}`);
  }
  await assert.rejects(bundleComponents(of, cuda), {
    message: new RegExp(
      `^Cannot bundle CUDA: ${
        CUDA_LIBRARIES[0].name
      } must be in .*/nvidia\\. ` +
        `Please run \\./ldlab setup --cuda`,
    ),
  });
  await write(libraries[0]);
  const compiler = ["a/bin/ptxas", "a/nvvm/libdevice/libdevice.10.bc"];
  for (const path of compiler) await write(path);
  const entries = (await bundleComponents(of, cuda))
    .find(({ name }) => name === "cuda")!.entries;
  assert.deepEqual(
    entries.map(({ path }) => path),
    [...libraries, ...compiler].sort()
      .map((path) => `.venv/lib/python3/site-packages/nvidia/${path}`),
  );
});

Deno.test("bundleComponents() names what is missing, and the remedy", async () => {
  const cases: [path: string, message: RegExp][] = [
    ["lib", /^Cannot bundle: 'lib' is missing in .*git checkout$/],
    ["node_modules/@x/a", /npm package @x\/a is missing.*\.\/ldlab setup$/],
    [".venv/lib", /^Cannot find TensorFlow.*\.\/ldlab setup/],
  ];
  for (const [path, message] of cases) {
    const of = await project(`without_${path.replaceAll("/", "_")}`);
    await Deno.remove(`${of}/${path}`, { recursive: true });
    await assert.rejects(bundleComponents(of, options), { message });
  }
});

Deno.test("bundleComponents() refuses a link that would not hold elsewhere", async () => {
  const of = await project("link");
  const link = `${of}/node_modules/.deno/@x+a@1.0.0/node_modules/b`;
  await Deno.remove(link);
  await Deno.symlink("/usr/lib/node_modules/b", link);
  await assert.rejects(bundleComponents(of, options), {
    message: /leads to '\/usr\/lib\/node_modules\/b', out of node_modules/,
  });
});

Deno.test("loadedLibraryEntry() leaves out of a library what is not loaded", async () => {
  const source = ["/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/usr/lib"]
    .map((place) => `${place}/libm.so.6`)
    .find((path) => {
      try {
        return Deno.statSync(path).isFile;
      } catch {
        return false;
      }
    })!;
  const entry = await loadedLibraryEntry(source, "libm.so");
  assert.ok(entry.bytes < (await Deno.stat(source)).size);
  const out = `${folder}/library`;
  await Deno.mkdir(out);
  await writeFolder([{ name: "tensorflow", entries: [entry] }], out);
  assert.equal((await Deno.stat(`${out}/libm.so`)).size, entry.bytes);
  const library = Deno.dlopen(`${out}/libm.so`, {
    cos: { parameters: ["f64"], result: "f64" },
  });
  assert.equal(library.symbols.cos(0), 1);
  library.close();
});

Deno.test("loadedLibraryEntry() takes what is no library as it is", async () => {
  const entry = await loadedLibraryEntry(import.meta.filename!, "a");
  assert.equal(entry.bytes, (await Deno.stat(import.meta.filename!)).size);
});
