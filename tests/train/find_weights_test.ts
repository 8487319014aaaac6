import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { findWeights } from "ldlab/train/find_weights.ts";
import { inFolder } from "./toy_run.ts";

const content = new TextEncoder().encode("weights");
const sha256 = createHash("sha256").update(content).digest("hex");
const name = `toy-${sha256.slice(0, 8)}.pth`;
const nowhere = `https://weights.invalid/${name}`;
const cached = (cacheFolder: string) =>
  findWeights({ url: nowhere }, { cacheFolder, allowDownload: false });

Deno.test("findWeights() takes a path as it is, and says what to do where it is none", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a b.pth`;
    await Deno.writeFile(path, content);
    const options = { cacheFolder: `${folder}/cache`, allowDownload: true };
    assert.equal(await findWeights({ path }, options), path);
    await assert.rejects(
      findWeights({ path: `${folder}/none.pth` }, options),
      (error) =>
        error instanceof Deno.errors.NotFound &&
        /none\.pth: there is no such file\. Give the path/.test(error.message),
    );
    await assert.rejects(
      findWeights({ path: folder }, options),
      /it is a folder/,
    );
  }));

Deno.test("findWeights() fetches nothing unless it may, and says where a file may be put", () =>
  inFolder(async (folder) => {
    const cacheFolder = `${folder}/cache`;
    let asked = 0;
    const server = Deno.serve({ port: 0, onListen() {} }, () => {
      asked++;
      return new Response(content);
    });
    const url = `http://localhost:${server.addr.port}/${name}`;
    const find = (allowDownload: boolean) =>
      findWeights({ url }, { cacheFolder, allowDownload });
    const path = `${cacheFolder}/${name}`;
    try {
      await assert.rejects(
        find(false),
        (error) =>
          error instanceof Deno.errors.NotFound &&
          [url, path, "--download"].every((one) => error.message.includes(one)),
      );
      await assert.rejects(Deno.stat(cacheFolder), Deno.errors.NotFound);
      assert.equal(asked, 0);
      assert.equal(await find(true), path);
      assert.equal(await find(true), path);
      assert.equal(await find(false), path);
      assert.equal(asked, 1);
    } finally {
      await server.shutdown();
    }
  }));

Deno.test("findWeights() takes a file that was put into the cache by hand", () =>
  inFolder(async (folder) => {
    const path = `${folder}/${name}`;
    await Deno.writeFile(path, content);
    assert.equal(await cached(folder), path);
    const url = "https://weights.invalid/toy.pth"; // its name carries no hash
    const options = { cacheFolder: folder, allowDownload: false };
    assert.equal(await findWeights({ url, sha256 }, options), path);
  }));

Deno.test("findWeights() holds a cached file to its hash each time, to all digits that are known", () =>
  inFolder(async (folder) => {
    const path = `${folder}/${name}`;
    await Deno.writeFile(path, content);
    await cached(folder);
    const longer = `${sha256.slice(0, 8)}${"0".repeat(56)}`;
    await assert.rejects(
      findWeights({ url: nowhere, sha256: longer }, {
        cacheFolder: folder,
        allowDownload: true,
      }),
      /^SyntaxError: .*Remove it/,
    );
    await Deno.writeFile(path, content.toReversed());
    await assert.rejects(
      cached(folder),
      (error) =>
        error instanceof SyntaxError && error.message.includes(path) &&
        error.message.includes(`must have ${sha256.slice(0, 8)}`),
    );
    assert.ok((await Deno.stat(path)).isFile); // the user's to remove
  }));

Deno.test("findWeights() follows no link out of the cache folder", () =>
  inFolder(async (folder) => {
    const [cacheFolder, path] = [`${folder}/cache`, `${folder}/cache/${name}`];
    await Deno.mkdir(cacheFolder);
    await Deno.writeFile(`${folder}/outside`, content);
    await Deno.symlink(`${folder}/outside`, path);
    await assert.rejects(cached(cacheFolder), /^RangeError: .*link out of/);
    await Deno.remove(path);
    await Deno.symlink(`${folder}/nothing`, path);
    await assert.rejects(cached(cacheFolder), /^RangeError: .*link to nothing/);
    await Deno.remove(path);
    // A folder whose name begins like the cache's is outside too.
    await Deno.mkdir(`${folder}/cache-2`);
    await Deno.writeFile(`${folder}/cache-2/a`, content);
    await Deno.symlink(`../cache-2/a`, path);
    await assert.rejects(cached(cacheFolder), /^RangeError: .*link out of/);
    await Deno.remove(path);
    await Deno.writeFile(`${cacheFolder}/inside`, content);
    await Deno.symlink("inside", path);
    assert.equal(await cached(cacheFolder), path);
    await Deno.remove(path);
    await Deno.mkdir(path);
    await assert.rejects(cached(cacheFolder), /^RangeError: .*no file/);
    // The folder itself may be a link: that is the user's choice.
    await Deno.remove(path);
    await Deno.writeFile(path, content);
    await Deno.symlink(cacheFolder, `${folder}/linked`);
    assert.equal(await cached(`${folder}/linked`), `${folder}/linked/${name}`);
  }));

Deno.test("findWeights() refuses a URL whose file would leave the cache folder", () =>
  inFolder(async (folder) => {
    const cacheFolder = `${folder}/cache`;
    await Deno.writeFile(`${folder}/${name}`, content);
    for (const last of [`..%2F${name}`, `%2F${folder}%2F${name}`, ".."]) {
      await assert.rejects(
        findWeights({ url: `https://weights.invalid/${last}` }, {
          cacheFolder,
          allowDownload: true,
        }),
        RangeError,
      );
    }
  }));
