import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  downloadFile,
  type DownloadProgress,
} from "ldlab/train/download_file.ts";
import { hashOf } from "../same_tensors.ts";
import { inFolder } from "./toy_run.ts";

const content = Uint8Array.from(
  { length: 300_000 },
  (_, i) => (i * 7 + (i >> 8)) % 256,
);
const sha256 = hashOf(content);

/** Servers of tests die: nobody need hear of it. */
const onError = () => new Response(null, { status: 500 });

/** Runs `body` beside a server, with the file's place and what is there of it. */
function withServer(
  answer: (request: Request) => Response | Promise<Response>,
  body: (
    file: { url: string; path: string; sha256: string },
    part: () => Promise<Uint8Array | undefined>,
  ) => Promise<void>,
): Promise<void> {
  return inFolder(async (folder) => {
    const stop = new AbortController();
    const server = Deno.serve(
      { port: 0, onListen() {}, onError, signal: stop.signal },
      (request) => answer(request),
    );
    const path = `${folder}/a.pth`;
    const url = `http://localhost:${server.addr.port}/a.pth`;
    const part = () => Deno.readFile(`${path}.part`).catch(() => undefined);
    try {
      await body({ url, path, sha256 }, part);
    } finally {
      stop.abort();
      await server.finished;
    }
  });
}

/** A response as servers give it to a request for a part. */
function ranged(request: Request, all = content): Response {
  const range = /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "");
  if (!range) return new Response(all.slice());
  const from = Number(range[1]);
  if (from >= all.length) return new Response(null, { status: 416 });
  return new Response(all.slice(from), {
    status: 206,
    headers: {
      "content-range": `bytes ${from}-${all.length - 1}/${all.length}`,
    },
  });
}

/** A body that promises all and ends after some bytes, as if cut. */
function cut(length: number): Response {
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(content.slice(0, length));
    },
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      controller.error(new Error("cut"));
    },
  });
  const headers = { "content-length": `${content.length}` };
  return new Response(stream, { headers });
}

setFlagsFromString("--expose-gc");
/** Collects garbage: Deno's `fetch` holds its signal weakly. */
const collect: () => void = runInNewContext("gc");

/** Runs `body` with timers 60 times as fast, and much garbage collection. */
async function inFastTime(body: () => Promise<void>): Promise<void> {
  const { setTimeout } = globalThis;
  const collecting = setInterval(collect, 300);
  globalThis.setTimeout =
    ((call: () => void, ms = 0) =>
      setTimeout(call, ms / 60)) as typeof setTimeout;
  try {
    await body();
  } finally {
    clearInterval(collecting);
    globalThis.setTimeout = setTimeout;
  }
}

Deno.test("downloadFile() gives up a server that sends nothing for a minute, and keeps what came", () =>
  inFastTime(async () => {
    const head = content.slice(0, 1000);
    const open: ReadableStreamDefaultController[] = []; // or they are collected
    const stalled = () =>
      new ReadableStream({
        start: (controller) => {
          open.push(controller);
          controller.enqueue(head);
        },
      });
    await withServer(
      () => new Response(stalled()),
      async (file, part) => {
        await assert.rejects(downloadFile(file), {
          message: /the connection ended \(nothing came for 60 s\) after 1000 /,
        });
        assert.deepEqual(await part(), head);
      },
    );
    // Ctrl-C in the meantime.
    await withServer(
      () => new Response(stalled()),
      async (file) => {
        const stop = new AbortController();
        const timer = setTimeout(() => stop.abort(), 30_000);
        await assert.rejects(downloadFile(file, { signal: stop.signal }), {
          name: "AbortError",
        });
        clearTimeout(timer);
      },
    );
    // Not even an answer.
    const { promise, resolve } = Promise.withResolvers<Response>();
    await withServer(() => promise, async (file) => {
      await assert.rejects(downloadFile(file), {
        message: /Cannot download .*: nothing came for 60 s\. Look at the/,
      });
      resolve(new Response());
    });
  }));

Deno.test("downloadFile() waits for a server that is slow but sends", () =>
  inFastTime(() => {
    const { setTimeout } = globalThis;
    const slow = () =>
      new ReadableStream({
        start: async (controller) => {
          for (let at = 0; at < content.length; at += 60_000) {
            controller.enqueue(content.slice(at, at + 60_000));
            // Together more than a minute.
            await new Promise<void>((done) => setTimeout(done, 15_000));
          }
          controller.close();
        },
      });
    return withServer(() => new Response(slow()), async (file) => {
      await downloadFile(file);
      assert.equal(hashOf(await Deno.readFile(file.path)), sha256);
    });
  }));

Deno.test("downloadFile() leaves the file, whole, and nothing beside it", () =>
  withServer(ranged, async (file, part) => {
    await downloadFile(file);
    assert.equal(hashOf(await Deno.readFile(file.path)), sha256);
    assert.equal(await part(), undefined);
  }));

Deno.test("downloadFile() asks for the bytes as they are, packed by nobody", () =>
  withServer((request) => {
    assert.equal(request.headers.get("accept-encoding"), "identity");
    return ranged(request);
  }, (file) => downloadFile(file)));

Deno.test("downloadFile() tells sizes and the time that is left", () =>
  withServer(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const halves = [0, 150_000].map((at) => content.slice(at, at + 150_000));
    return new Response(
      new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 300));
          const half = halves.shift();
          if (half) controller.enqueue(half);
          else controller.close();
        },
      }),
      { headers: { "content-length": `${content.length}` } },
    );
  }, async (file) => {
    const told: DownloadProgress[] = [];
    await downloadFile(file, { onProgress: (one) => told.push(one) });
    const total = content.length;
    const { url } = file;
    assert.deepEqual(told[0], { url, received: 0, total, secondsLeft: null });
    assert.deepEqual(told.at(-1), {
      ...{ url, received: total, total },
      secondsLeft: 0,
    });
    const halfway = told.filter(({ received }) =>
      received > 0 && received < total
    );
    assert.ok(halfway.length > 0);
    for (const { received, secondsLeft } of halfway) {
      // The first bytes come after 0.3 s; all come within 30 s.
      const seconds = secondsLeft! * received / (total - received);
      assert.ok(seconds > 0.28 && seconds < 30, `${seconds}`);
    }
  }));

Deno.test("downloadFile() says nothing of a total that the server does not know", () =>
  withServer(
    () => new Response(new Blob([content]).stream()),
    async (file) => {
      const told: DownloadProgress[] = [];
      await downloadFile(file, { onProgress: (one) => told.push(one) });
      assert.ok(
        told.every(({ total, secondsLeft }) =>
          total === null && secondsLeft === null
        ),
      );
      assert.equal(hashOf(await Deno.readFile(file.path)), sha256);
    },
  ));

Deno.test("downloadFile() goes on from where a server died", () => {
  const ranges: (string | null)[] = [];
  return withServer((request) => {
    ranges.push(request.headers.get("range"));
    return ranges.length === 1 ? cut(100_000) : ranged(request);
  }, async (file, part) => {
    await assert.rejects(
      downloadFile(file),
      /the connection ended .*after 100000 of 300000 bytes\. Try again: it goes on/,
    );
    await assert.rejects(Deno.stat(file.path), Deno.errors.NotFound);
    assert.equal(hashOf((await part())!), hashOf(content.slice(0, 100_000)));
    const told: DownloadProgress[] = [];
    await downloadFile(file, { onProgress: (one) => told.push(one) });
    assert.deepEqual(ranges, [null, "bytes=100000-"]);
    assert.equal(told[0].received, 100_000);
    assert.equal(told.at(-1)!.received, content.length);
    assert.equal(hashOf(await Deno.readFile(file.path)), sha256);
  });
});

Deno.test("downloadFile() notices that a server ends before all is sent", () =>
  withServer((request) => {
    const { headers } = ranged(request);
    headers.set("content-range", `bytes 5-${content.length - 1}/9999999`);
    return new Response(content.slice(5), { status: 206, headers });
  }, async (file, part) => {
    await Deno.writeFile(`${file.path}.part`, content.slice(0, 5));
    await assert.rejects(
      downloadFile(file),
      /the server stopped after 300000 of 9999999 bytes\. Try again/,
    );
    assert.equal(hashOf((await part())!), sha256);
  }));

Deno.test("downloadFile() starts over where a server knows no parts, or there is too much already", async () => {
  for (const there of [content.slice(5, 1000), new Uint8Array(400_000)]) {
    for (const answer of [ranged, () => new Response(content.slice())]) {
      await withServer(answer, async (file) => {
        if (there.length < content.length && answer === ranged) return;
        await Deno.writeFile(`${file.path}.part`, there);
        await downloadFile(file);
        assert.equal(hashOf(await Deno.readFile(file.path)), sha256);
      });
    }
  }
});

Deno.test("downloadFile() refuses a part that it did not ask for", () =>
  withServer(
    () =>
      new Response(content.slice(9), {
        status: 206,
        headers: { "content-range": "bytes 9-299999/300000" },
      }),
    async (file, part) => {
      await Deno.writeFile(`${file.path}.part`, content.slice(0, 20));
      await assert.rejects(
        downloadFile(file),
        /sends 'bytes 9-299999\/300000'/,
      );
      assert.equal(hashOf((await part())!), hashOf(content.slice(0, 20)));
    },
  ));

Deno.test("downloadFile() refuses and removes what has another hash", async () => {
  const other = content.toReversed();
  await withServer((request) => ranged(request, other), async (file, part) => {
    await assert.rejects(downloadFile(file), (error) => {
      assert.ok(error instanceof SyntaxError);
      assert.match(error.message, new RegExp(`it must be ${sha256}`));
      assert.ok(error.message.includes(file.url));
      return true;
    });
    assert.equal(await part(), undefined);
    await assert.rejects(Deno.stat(file.path), Deno.errors.NotFound);
  });
  // A page in place of the file, and the rest of another file behind ours
  await withServer(
    () => new Response("<html>Sign in</html>"),
    (file) => assert.rejects(downloadFile(file), SyntaxError),
  );
  await withServer(ranged, async (file, part) => {
    await Deno.writeFile(`${file.path}.part`, new Uint8Array(1000));
    await assert.rejects(downloadFile(file), SyntaxError);
    assert.equal(await part(), undefined);
    await downloadFile(file);
  });
});

Deno.test("downloadFile() follows redirects", () =>
  withServer(
    (request) =>
      new URL(request.url).pathname === "/a.pth"
        ? Response.redirect(new URL("/elsewhere/b.bin", request.url), 302)
        : ranged(request),
    async (file) => {
      await downloadFile(file);
      assert.equal(hashOf(await Deno.readFile(file.path)), sha256);
    },
  ));

Deno.test("downloadFile() names the server's answer, and a server that is not there", async () => {
  for (
    const [status, text] of [[404, "404 Not Found"], [503, "503"]] as const
  ) {
    await withServer(() => new Response("gone", { status }), async (file) => {
      await assert.rejects(
        downloadFile(file),
        (error: Error) =>
          error.message.includes(`${file.url}: the server answers ${text}`),
      );
      await assert.rejects(Deno.stat(file.path), Deno.errors.NotFound);
    });
  }
  await inFolder((folder) =>
    assert.rejects(
      downloadFile({
        url: "http://localhost:1/a.pth",
        path: `${folder}/a.pth`,
        sha256,
      }),
      /Cannot download http:\/\/localhost:1\/a\.pth: .*Look at the connection/,
    )
  );
});

Deno.test("downloadFile() stops at the signal, keeps what it has, and goes on later", () => {
  const release = Promise.withResolvers<void>();
  let slow = true;
  return withServer((request) => {
    if (!slow) return ranged(request);
    slow = false;
    return new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(content.slice(0, 50_000)),
        pull: () => release.promise,
      }),
      { headers: { "content-length": `${content.length}` } },
    );
  }, async (file, part) => {
    const stop = new AbortController();
    const reason = new Error("stopped");
    const stopped = downloadFile(file, { signal: stop.signal });
    while ((await part())?.length !== 50_000) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    stop.abort(reason);
    await assert.rejects(stopped, reason);
    release.resolve();
    assert.equal(hashOf((await part())!), hashOf(content.slice(0, 50_000)));
    await assert.rejects(
      downloadFile(file, { signal: stop.signal }),
      reason,
    );
    assert.equal(hashOf((await part())!), hashOf(content.slice(0, 50_000)));
    await downloadFile(file);
    assert.equal(hashOf(await Deno.readFile(file.path)), sha256);
  });
});

Deno.test("downloadFile() lets one process at a file, and writes through no link", () =>
  withServer(ranged, async (file) => {
    const part = `${file.path}.part`;
    const holder = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        `using file = Deno.openSync(${JSON.stringify(part)}, ` +
        `{ create: true, write: true }); file.lockSync(true); ` +
        `console.log("held"); Deno.stdin.readSync(new Uint8Array(1));`,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const output = holder.stdout.getReader();
    await output.read();
    await assert.rejects(downloadFile(file), /another process is at it/);
    await holder.stdin.close();
    await output.cancel();
    await holder.status;
    await Deno.remove(part);
    await Deno.writeFile(`${file.path}.mine`, new Uint8Array(3));
    await Deno.symlink(`${file.path}.mine`, part);
    await assert.rejects(downloadFile(file), /\.part is a link/);
    assert.equal((await Deno.readFile(`${file.path}.mine`)).length, 3);
  }));

Deno.test("downloadFile() leaves a file alone that another process has just put in its place", () =>
  withServer(ranged, async (file) => {
    await Deno.writeFile(`${file.path}.part`, content);
    const { open } = Deno;
    Deno.open = async (path, options) => {
      const opened = await open(path, options);
      if (options?.write) await Deno.rename(path, file.path);
      return opened;
    };
    try {
      await assert.rejects(downloadFile(file), /another process is at it/);
    } finally {
      Deno.open = open;
    }
    assert.equal(hashOf(await Deno.readFile(file.path)), sha256);
  }));

Deno.test("downloadFile() can be called again at once after a failure, also while processes are being started", () =>
  withServer(
    () => new Response(null, { status: 503 }),
    async (file) => {
      let starting = true;
      const starts = Array.from({ length: 4 }, async () => {
        while (starting) await new Deno.Command("/bin/true").output();
      });
      try {
        for (let i = 0; i < 200; i++) {
          await assert.rejects(downloadFile(file), /the server answers 503/);
          using next = Deno.openSync(`${file.path}.part`, { write: true });
          assert.ok(next.tryLockSync(true), "the lock is still held");
          next.unlockSync();
        }
      } finally {
        starting = false;
        await Promise.all(starts);
      }
    },
  ));
