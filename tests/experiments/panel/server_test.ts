import assert from "node:assert/strict";
import { panelAddress } from "../../../experiments/panel/address.ts";
import { PanelStateError } from "../../../experiments/panel/loop.ts";
import {
  type ServedPanel,
  servePanel,
} from "../../../experiments/panel/server.ts";
import { askOf } from "./tiny_panel.ts";

/** A panel that only writes down what it is told. */
function served(address = "http://127.0.0.1:{port}/") {
  const told: unknown[] = [];
  const panel: ServedPanel = {
    state: (known) => Promise.resolve({ told: told.length, known }),
    picture: (index) =>
      index === 0 ? "data:image/png;base64,iVBORw==" : undefined,
    set: (given) => {
      const { gamma } = given as { gamma: number };
      if (!(gamma <= 1)) throw new RangeError("gamma must be from 0 to 1");
      told.push(given);
    },
    run: () => {
      throw new PanelStateError("Training diverged");
    },
    pause: () => void told.push("pause"),
    step: (count) => Promise.resolve(void told.push(count)),
    restart: () => Promise.reject(new Error("the engine is closed")),
  };
  const server = servePanel(panel, panelAddress(address));
  const own = `http://127.0.0.1:${server.port}/?panel_token=${server.token}`;
  return { told, server, ask: askOf(own), own };
}

Deno.test("servePanel() does what it is asked for, and gives the state", async () => {
  const { told, server, ask } = served();
  const known = await ask("GET", "state?curves=a");
  assert.deepEqual(known.answer, { told: 0, known: { curves: "a" } });
  const set = await ask("POST", "settings", { gamma: 0.5 });
  assert.deepEqual(set, { status: 200, answer: { told: 1, known: null } });
  assert.equal((await ask("POST", "pause")).status, 200);
  assert.equal((await ask("POST", "step")).status, 200);
  assert.deepEqual(told, [{ gamma: 0.5 }, "pause", 1]);
  await server.close();
});

Deno.test("servePanel() refuses what is not in order with a sentence, and nothing happens", async (t) => {
  const { told, server, ask } = served();
  const token = { "x-panel-token": server.token };
  const large = `"${"x".repeat(20_000)}"`;
  const cases: [
    name: string,
    request: Parameters<typeof ask>,
    status: number,
    error: RegExp,
  ][] = [
    ["no token", ["GET", "state", undefined, {}], 401, /token is missing/],
    ["no token, no path", ["GET", "x", undefined, {}], 401, /missing/],
    [
      "another token of the same length",
      ["POST", "settings", { gamma: 0.1 }, {
        "x-panel-token": "0".repeat(server.token.length),
      }],
      401,
      /token is another one: use the address .* or run the cell again/,
    ],
    [
      "an empty token",
      ["POST", "pause", undefined, { "x-panel-token": "" }],
      401,
      /another one/,
    ],
    [
      "another page's origin",
      ["POST", "pause", undefined, { ...token, origin: "https://evil.org" }],
      403,
      /^Cannot answer: Origin must be 127.0.0.1:\d+ or .*'evil.org'/,
    ],
    [
      "a sandboxed page",
      ["POST", "pause", undefined, { ...token, origin: "null" }],
      403,
      /Origin .*'null'/,
    ],
    ["another path", ["GET", "stat"], 404, /nothing at \/stat/],
    ["a file beside the page's", ["GET", "server.ts"], 404, /nothing/],
    ["a name of objects", ["GET", "constructor"], 404, /nothing/],
    ["no such image", ["GET", "image?index=1"], 404, /no test image 1/],
    ["no image", ["GET", "image?index=-1"], 404, /no test image -1/],
    ["GET of an action", ["GET", "pause"], 405, /takes POST.*GET/],
    ["POST of a page", ["POST", "state"], 405, /takes GET.*POST/],
    ["another method", ["DELETE", "settings"], 405, /takes POST.*DELETE/],
    ["no JSON", ["POST", "settings", "{gamma: 1"], 400, /must be JSON as/],
    ["nothing", ["POST", "settings"], 400, /must be JSON as/],
    ["too much", ["POST", "settings", large], 413, /at most 10000 bytes/],
    [
      "out of range",
      ["POST", "settings", { gamma: 2 }],
      400,
      /gamma must be from 0 to 1/,
    ],
    ["training that cannot go on", ["POST", "run"], 409, /diverged/],
    ["a failure", ["POST", "restart"], 500, /the engine is closed/],
  ];
  for (const [name, request, status, error] of cases) {
    await t.step(name, async () => {
      const got = await ask(...request);
      assert.equal(got.status, status);
      assert.match(got.answer.error, error);
    });
  }
  assert.deepEqual(told, []);
  await server.close();
});

Deno.test("servePanel() answers no request that is meant for another host", async () => {
  const { server } = served();
  // fetch() sets Host itself; a name that points here would be in it.
  const connection = await Deno.connect({ port: server.port });
  await connection.write(new TextEncoder().encode(
    `GET /state?panel_token=${server.token} HTTP/1.1\r\nHost: evil.org:${server.port}\r\nConnection: close\r\n\r\n`,
  ));
  const answer = await new Response(connection.readable).text();
  assert.match(answer, /^HTTP\/1.1 403 /);
  assert.match(answer, /Host must be .*'evil.org/);
  await server.close();
});

Deno.test("servePanel() ends also where a sender without token never finishes", async () => {
  const { server } = served();
  using sender = await Deno.connect({ port: server.port });
  const unfinished =
    "POST /settings HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{";
  await sender.write(new TextEncoder().encode(unfinished));
  await sender.read(new Uint8Array(100)); // it is refused
  await server.close();
});

Deno.test("servePanel() gives the page, which asks for nothing beyond its own folder", async () => {
  const { server, own } = served();
  const page = await fetch(own);
  const html = await page.text();
  const { headers } = page;
  assert.match(headers.get("content-type")!, /^text\/html/);
  assert.match(headers.get("content-security-policy")!, /default-src 'none'/);
  assert.equal(headers.get("referrer-policy"), "no-referrer");
  assert.equal(headers.get("access-control-allow-origin"), null);
  const links = [...html.matchAll(/\b(?:src|href)="([^"]+)"/g)]
    .map(([, link]) => link).filter((link) => !link.startsWith("data:"));
  assert.equal(links.length, 3);
  for (const link of links) {
    assert.match(link, /^[\w.]+\?panel_token=[0-9a-f]{48}$/);
    const response = await fetch(new URL(link, own));
    assert.equal(response.status, 200, link);
    assert.match(response.headers.get("content-type")!, /javascript|css/);
    assert.ok((await response.text()).length > 500);
  }
  const image = await fetch(new URL("image?index=0", own), {
    headers: { "x-panel-token": server.token },
  });
  assert.equal(image.headers.get("content-type"), "image/png");
  assert.equal((await image.arrayBuffer()).byteLength, 4);
  await server.close();
});

/** What jupyter-server-proxy does: strips a path, keeps the browser's headers. */
function openProxy(prefix: (port: number) => string) {
  return Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => {
      const url = new URL(request.url);
      const [start, port] = url.pathname.match(/^\/user\/ann\/proxy\/(\d+)/) ??
        [];
      if (!port || start !== prefix(Number(port))) {
        return new Response("not the panel's", { status: 404 });
      }
      const target = new URL(
        url.pathname.slice(start.length) + url.search,
        `http://127.0.0.1:${port}`,
      );
      const { method, headers, body } = request;
      return fetch(target, { method, headers, body });
    },
  );
}

Deno.test("servePanel() works behind a proxy that strips a path, with its address", async () => {
  const prefix = (port: number) => `/user/ann/proxy/${port}`;
  const proxy = openProxy(prefix);
  const hub = `http://127.0.0.1:${proxy.addr.port}`;
  const { told, server } = served("/user/ann/proxy/{port}/");
  const address = new URL(server.address, hub);
  assert.equal(address.pathname, `${prefix(server.port)}/`);
  const html = await (await fetch(address)).text();
  for (const [, link] of html.matchAll(/\bsrc="([^"]+)"/g)) {
    const response = await fetch(new URL(link, address));
    assert.equal(response.status, 200, link);
    await response.body!.cancel();
  }
  const ask = askOf(address.href);
  assert.equal((await ask("POST", "settings", { gamma: 0.1 })).status, 200);
  const origin = { "x-panel-token": server.token, origin: "https://hub.org" };
  assert.equal((await ask("POST", "pause", undefined, origin)).status, 200);
  assert.equal((await ask("POST", "pause", undefined, {})).status, 401);
  assert.deepEqual(told, [{ gamma: 0.1 }, "pause"]);
  await server.close();
  await proxy.shutdown();
});
