import { findTensorflow } from "ldlab/engine/find_tensorflow.ts";
import assert from "node:assert/strict";
import { join } from "node:path";

const LIBRARY = "libtensorflow_cc.so.2";

async function inTemporaryFolder(
  use: (folder: string) => void | Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("findTensorflow() finds the environment of a folder above", async () => {
  await inTemporaryFolder((root) => {
    const site = join(root, ".venv/lib/python3.12/site-packages/tensorflow");
    const start = join(root, "notebooks/deep");
    Deno.mkdirSync(site, { recursive: true });
    Deno.mkdirSync(start, { recursive: true });
    Deno.writeTextFileSync(join(site, LIBRARY), "");
    assert.equal(
      findTensorflow({ named: "", from: ["/nowhere", start] }),
      join(site, LIBRARY),
    );
  });
});

Deno.test("findTensorflow() takes the named file, or the library in the named folder", async () => {
  await inTemporaryFolder((folder) => {
    const file = join(folder, LIBRARY);
    Deno.writeTextFileSync(file, "");
    assert.equal(findTensorflow({ named: file, from: [] }), file);
    assert.equal(findTensorflow({ named: folder, from: [] }), file);
  });
});

Deno.test("findTensorflow() refuses a name that leads nowhere, even if there is another", () => {
  assert.throws(
    () => findTensorflow({ named: "/no/such/place" }),
    /LDLAB_TENSORFLOW is '\/no\/such\/place'.* run \.\/ldlab setup/,
  );
});

Deno.test("findTensorflow() says where it looked", async () => {
  await inTemporaryFolder((folder) =>
    assert.throws(
      () => findTensorflow({ named: "", from: [folder] }),
      (error: Error) =>
        error.message.includes(`in ${folder} or above`) &&
        error.message.includes("run ./ldlab setup"),
    )
  );
});

Deno.test("findTensorflow() finds the project's own from any current directory", () => {
  const before = Deno.cwd();
  Deno.chdir("/");
  try {
    assert.match(
      findTensorflow({ named: "" }),
      /\.venv\/lib\/python3[^/]*\/site-packages\/tensorflow\/libtensorflow_cc\.so\.2$/,
    );
  } finally {
    Deno.chdir(before);
  }
});
