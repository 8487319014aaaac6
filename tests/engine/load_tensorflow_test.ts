import {
  loadTensorflow,
  requireVersion,
} from "ldlab/engine/load_tensorflow.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runScript } from "./run_script.ts";

const remedy = /run \.\/ldlab setup/;

Deno.test("loadTensorflow() refuses a file that is not there", () => {
  assert.throws(() => loadTensorflow("/no/libtensorflow_cc.so.2"), {
    message: /Cannot load TensorFlow from \/no\/.*: the file cannot be read/,
  });
});

Deno.test("loadTensorflow() refuses a text file", async () => {
  const path = await Deno.makeTempFile({ suffix: ".so.2" });
  try {
    await Deno.writeTextFile(path, "not a library");
    assert.throws(
      () => loadTensorflow(path),
      (error: Error) =>
        error.message.includes("not a shared library for this machine") &&
        remedy.test(error.message),
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("loadTensorflow() refuses another shared library", () => {
  const path = ["/lib/x86_64-linux-gnu/libm.so.6", "/lib64/libm.so.6"]
    .concat("/lib/aarch64-linux-gnu/libm.so.6")
    .find((path) => {
      try {
        return Deno.statSync(path).isFile;
      } catch {
        return false;
      }
    });
  assert.ok(path, "no libm.so.6 on this machine");
  assert.throws(
    () => loadTensorflow(path),
    (error: Error) =>
      error.message.includes("a shared library, but not TensorFlow's") &&
      remedy.test(error.message),
  );
});

Deno.test("requireVersion() refuses TensorFlow before 2.16 and says what was found", () => {
  for (const version of ["1.15.5", "2.9.1", "2.15.0"]) {
    assert.throws(
      () => requireVersion(version, "/a/lib"),
      (error: Error) =>
        error.message.includes(
          `TensorFlow ${version} at /a/lib: 2.16 or newer`,
        ) &&
        remedy.test(error.message),
    );
  }
  for (const version of ["2.16.0", "2.21.0", "2.22.0-rc1", "3.0.0"]) {
    requireVersion(version, "/a/lib");
  }
});

Deno.test("loadTensorflow() tells XLA of NVIDIA's compiler beside it, after flags of one's own", async () => {
  const folder = await Deno.makeTempDir({ prefix: "with a blank " });
  try {
    const compiler = join(folder, "nvidia", "cuda_nvcc");
    await Deno.mkdir(join(compiler, "bin"), { recursive: true });
    await Deno.writeTextFile(join(compiler, "bin", "ptxas"), "");
    const library = join(folder, "tensorflow", "libtensorflow_cc.so.2");
    const own = `--xla_gpu_cuda_data_dir="${compiler}"`;
    const cases = {
      "": own,
      "--xla_dump_to=x": `--xla_dump_to=x ${own}`,
      "flags.txt": "flags.txt", // a file, whose name must stay what it is
      " flags.txt": "flags.txt",
      "--xla_gpu_cuda_data_dir=/x": "--xla_gpu_cuda_data_dir=/x",
    };
    for (const [given, expected] of Object.entries(cases)) {
      const { stdout, stderr } = await runScript(
        `
        import { loadTensorflow } from "ldlab/engine/load_tensorflow.ts";
        try {
          loadTensorflow(${JSON.stringify(library)});
        } catch { /* there is none */ }
        console.log(Deno.env.get("XLA_FLAGS"));
      `,
        { XLA_FLAGS: given },
      );
      assert.equal(stdout.trim(), expected, stderr);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
