import assert from "node:assert/strict";
import { join } from "node:path";
import {
  CUDA_LIBRARIES,
  cudaCompiler,
  cudaFolders,
  type LibrarySystem,
  loadCudaLibraries,
} from "ldlab/engine/cuda_libraries.ts";
import { runScript } from "./run_script.ts";

/** A system with these files, that loads what `refuse` says nothing against. */
function fakeSystem(
  files: string[],
  refuse: (library: string) => string | undefined = () => undefined,
): LibrarySystem & { loaded: string[] } {
  const loaded: string[] = [];
  return {
    loaded,
    isFile: (path) => files.includes(path),
    entries: (folder) => [
      ...new Set(
        files.filter((file) => file.startsWith(`${folder}/`))
          .map((file) => file.slice(folder.length + 1).split("/")[0]),
      ),
    ],
    load(library) {
      const why = refuse(library);
      if (why !== undefined) throw new Error(why);
      loaded.push(library);
    },
  };
}

const site = "/env/lib/python3.12/site-packages";
const tensorflow = `${site}/tensorflow/libtensorflow_cc.so.2`;
const packaged = CUDA_LIBRARIES.map(({ name, wheel }) =>
  `${site}/nvidia/${
    wheel.replace(/^nvidia-|-cu12$/g, "").replaceAll("-", "_")
  }/lib/${name}`
);

Deno.test("cudaFolders() lists TensorFlow's folder and those of NVIDIA's packages", () => {
  const system = fakeSystem([
    `${site}/nvidia/cudnn/lib/libcudnn.so.9`,
    `${site}/nvidia/cublas/lib/libcublas.so.12`,
  ]);
  assert.deepEqual(cudaFolders(tensorflow, system), [
    `${site}/tensorflow`,
    `${site}/nvidia/cublas/lib`,
    `${site}/nvidia/cudnn/lib`,
  ]);
  assert.deepEqual(
    cudaFolders("/bundle/libtensorflow_cc.so.2", fakeSystem([])),
    [
      "/bundle",
    ],
  );
});

Deno.test("loadCudaLibraries() loads NVIDIA's packages by path, in an order in which each needs earlier ones", () => {
  const system = fakeSystem(packaged);
  const folders = cudaFolders(tensorflow, system);
  assert.deepEqual(loadCudaLibraries(folders, CUDA_LIBRARIES, system), []);
  assert.deepEqual(system.loaded, packaged);
  // DT_NEEDED of the libraries of CUDA 12.9, as readelf -d gives it.
  const needs = {
    "libcublas.so.12": ["libcublasLt.so.12"],
    "libcusparse.so.12": ["libnvJitLink.so.12"],
    "libcusolver.so.11": [
      "libnvJitLink.so.12",
      "libcusparse.so.12",
      "libcublas.so.12",
      "libcublasLt.so.12",
    ],
  };
  const order = CUDA_LIBRARIES.map(({ name }) => name);
  for (const [name, needed] of Object.entries(needs)) {
    for (const other of needed) {
      assert.ok(
        order.indexOf(other) < order.indexOf(name),
        `${other}, ${name}`,
      );
    }
  }
});

Deno.test("loadCudaLibraries() takes the system's libraries where there is no package", () => {
  const system = fakeSystem([]);
  assert.deepEqual(loadCudaLibraries(["/a"], CUDA_LIBRARIES, system), []);
  assert.deepEqual(system.loaded, CUDA_LIBRARIES.map(({ name }) => name));
});

Deno.test("loadCudaLibraries() names each library that cannot be loaded, and loads the others", () => {
  const system = fakeSystem(
    packaged,
    (library) =>
      library.includes("cudnn")
        ? "file too short"
        : library.includes("cufft")
        ? "cannot open shared object file"
        : undefined,
  );
  const folders = cudaFolders(tensorflow, system);
  assert.deepEqual(loadCudaLibraries(folders, CUDA_LIBRARIES, system), [
    {
      name: "libcufft.so.11",
      wheel: "nvidia-cufft-cu12",
      why: "cannot open shared object file",
    },
    {
      name: "libcudnn.so.9",
      wheel: "nvidia-cudnn-cu12",
      why: "file too short",
    },
  ]);
  assert.equal(system.loaded.length, CUDA_LIBRARIES.length - 2);
});

Deno.test("cudaCompiler() finds NVIDIA's compiler beside TensorFlow, or in its folder", () => {
  const compilers = {
    [tensorflow]: `${site}/nvidia/cuda_nvcc`,
    "/bundle/libtensorflow_cc.so.2": "/bundle/cuda_nvcc",
  };
  for (const [library, compiler] of Object.entries(compilers)) {
    const system = fakeSystem([`${compiler}/bin/ptxas`]);
    assert.equal(cudaCompiler(library, system), compiler);
  }
  assert.equal(cudaCompiler(tensorflow, fakeSystem([])), undefined);
});

Deno.test("a library that loadCudaLibraries() loaded by path is the one found by name", async () => {
  // A part of the C library that nothing else loads stands for one of CUDA's.
  const name = "libanl.so.1";
  const folder = ["/lib/x86_64-linux-gnu", "/lib64", "/lib/aarch64-linux-gnu"]
    .find((folder) => {
      try {
        return Deno.statSync(join(folder, name)).isFile;
      } catch {
        return false;
      }
    });
  assert.ok(folder, `no ${name} on this machine`);
  const copies = await Deno.makeTempDir();
  try {
    await Deno.copyFile(join(folder, name), join(copies, name));
    const { code, stdout, stderr } = await runScript(`
      import { loadCudaLibraries } from "ldlab/engine/cuda_libraries.ts";
      const files = () => Deno.readTextFileSync("/proc/self/maps").split("\\n")
        .map((line) => line.split(/\\s+/)[5]).filter((file) => file?.endsWith("${name}"));
      const before = files();
      const missing = loadCudaLibraries(["${copies}"], [{ name: "${name}", wheel: "none" }]);
      Deno.dlopen("${name}", {}); // by name, as TensorFlow does
      console.log(JSON.stringify({ before, missing, after: [...new Set(files())] }));
    `);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), {
      before: [],
      missing: [],
      after: [join(copies, name)],
    });
  } finally {
    await Deno.remove(copies, { recursive: true });
  }
});

Deno.test("./ldlab setup --cuda installs the same TensorFlow, and the package of each library", async () => {
  const packages = async (file: string) => {
    const url = new URL(`../../${file}`, import.meta.url);
    const lines = (await Deno.readTextFile(url)).split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(lines.map((line) => line.split("==") as [string, string]));
  };
  const processor = await packages("requirements-tensorflow.txt");
  const cards = await packages("requirements-cuda.txt");
  assert.equal(cards.get("tensorflow"), processor.get("tensorflow-cpu"));
  for (const { name, wheel } of CUDA_LIBRARIES) {
    assert.match(cards.get(wheel) ?? "none", /^\d+\.\d/, `${wheel} of ${name}`);
  }
});
