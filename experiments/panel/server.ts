import { fileURLToPath } from "node:url";
import type { PanelAddress } from "./address.ts";
import { guardRequest, RefusedRequest } from "./guard.ts";
import { PanelStateError } from "./loop.ts";

/** What a panel's server asks of the panel. */
export interface ServedPanel {
  /** What the page shows, of figures those whose versions are not these. */
  state(known: Readonly<Record<string, string>> | null): Promise<object>;
  /** The picture of a test image, a data address; undefined if there is none. */
  picture(index: number): string | undefined;
  /** Takes settings. Throws a RangeError or TypeError if they are not in order. */
  set(given: unknown): void;
  run(): void;
  pause(): void | Promise<void>;
  step(count: number): Promise<void>;
  restart(): Promise<void>;
}

/** A panel's server, which answers. */
export interface PanelServer {
  /** Where the page is, with the token. */
  readonly address: string;
  /** Where the server itself is, for proxies. */
  readonly port: number;
  readonly token: string;
  /** Ends it after the requests that are being answered, or after three seconds. */
  close(): Promise<void>;
}

type Answer = (request: Request, url: URL) => Response | Promise<Response>;

/** What a request may say at most; settings are 200 bytes. */
const MOST_BYTES = 10_000;
/** Milliseconds that the end waits for requests, which a sender may never finish. */
const PATIENCE = 3000;

/**
 * Serves a panel on this machine: its page, its state and its actions. Nothing is
 * answered without the token.
 *
 * | request | answer |
 * | --- | --- |
 * | GET / | the page |
 * | GET /state?curves=…&edges=…&regions=… | the state as JSON, figures of other versions |
 * | GET /image?index=0 | a test image |
 * | POST /settings | takes `{"temperature": 5}`, gives the state |
 * | POST /run, /pause, /step, /restart | does it, gives the state |
 *
 * What is refused is answered by `{"error": "…"}`: 400 what is wrong in it, 401
 * without token, 403 of another host or page, 404 and 405 no such path or method,
 * 409 where training cannot go on, 413 too large.
 *
 * @param panel What is served.
 * @param address Where its page is reached.
 */
export function servePanel(
  panel: ServedPanel,
  address: PanelAddress,
): PanelServer {
  const token = crypto.getRandomValues(new Uint8Array(24)).toHex();
  const state = async (known: Record<string, string> | null) =>
    json(200, await panel.state(known));
  const action = (act: () => void | Promise<void>): Answer => async () => {
    await act();
    return await state(null);
  };
  const routes: Record<string, Partial<Record<"GET" | "POST", Answer>>> = {
    "/": { GET: () => pageFile("page.html", "text/html", token) },
    "/page.css": { GET: () => pageFile("page.css", "text/css") },
    "/page.js": { GET: () => pageFile("page.js", "text/javascript") },
    "/plotly.js": { GET: plotly },
    "/state": {
      GET: (_request, url) => state(Object.fromEntries(url.searchParams)),
    },
    "/image": { GET: (_request, url) => picture(panel, url) },
    "/settings": {
      POST: async (request) => {
        setAll(panel, await readJson(request));
        return await state(null);
      },
    },
    "/run": { POST: action(() => panel.run()) },
    "/pause": { POST: action(() => panel.pause()) },
    "/step": { POST: action(() => panel.step(1)) },
    "/restart": { POST: action(() => panel.restart()) },
  };
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {}, // it would print
    onError: (error) => refusal(error),
  }, async (request) => {
    const { port } = server.addr;
    guardRequest(request, { token, hosts: address.hosts(port) });
    const url = new URL(request.url);
    const route = Object.hasOwn(routes, url.pathname)
      ? routes[url.pathname]
      : undefined;
    if (!route) {
      throw new RefusedRequest(404, `There is nothing at ${url.pathname}`);
    }
    const answer = route[request.method as "GET" | "POST"];
    if (answer) return await answer(request, url);
    const allowed = Object.keys(route).join(", ");
    return json(405, {
      error:
        `${url.pathname} takes ${allowed}: current method is ${request.method}`,
    }, { allow: allowed });
  });
  const { port } = server.addr;
  return {
    address: address.of(port, token),
    port,
    token,
    close: () => atMost(PATIENCE, server.shutdown()),
  };
}

/** Waits for something, but no longer than so many milliseconds. */
async function atMost(limit: number, awaited: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limit);
  });
  await Promise.race([awaited, late]);
  clearTimeout(timer);
}

/** What a sender is told of what went wrong. */
function refusal(error: unknown): Response {
  const { message } = error as Error;
  const status = error instanceof RefusedRequest
    ? error.status
    : error instanceof PanelStateError
    ? 409
    : 500;
  return json(status, { error: message });
}

function setAll(panel: ServedPanel, given: unknown): void {
  try {
    panel.set(given);
  } catch (error) {
    throw new RefusedRequest(400, (error as Error).message);
  }
}

async function readJson(request: Request): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request.body ?? []) {
    bytes += part.length;
    if (bytes > MOST_BYTES) {
      throw new RefusedRequest(
        413,
        `Cannot change the settings: they must be at most ${MOST_BYTES} bytes`,
      );
    }
    parts.push(part);
  }
  const text = await new Blob(parts as BlobPart[]).text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RefusedRequest(
      400,
      'Cannot change the settings: they must be JSON as {"temperature": 5}: ' +
        (error as Error).message,
    );
  }
}

async function picture(panel: ServedPanel, url: URL): Promise<Response> {
  const index = url.searchParams.get("index");
  const source = index !== null && /^\d{1,6}$/.test(index)
    ? panel.picture(Number(index))
    : undefined;
  if (source === undefined) {
    throw new RefusedRequest(404, `There is no test image ${index}`);
  }
  const { headers, body } = await fetch(source);
  return new Response(body, {
    headers: {
      ...HEADERS,
      "content-type": headers.get("content-type")!,
      "cache-control": "private, max-age=3600",
    },
  });
}

/** A file of the page; of HTML `{token}` becomes the token. */
async function pageFile(
  name: string,
  type: string,
  token?: string,
): Promise<Response> {
  const url = new URL(`page/${name}`, import.meta.url);
  const text = await Deno.readTextFile(url);
  const own = token ? text.replaceAll("{token}", token) : text;
  return new Response(own, {
    headers: { ...HEADERS, "content-type": `${type}; charset=utf-8` },
  });
}

async function plotly(): Promise<Response> {
  const path = fileURLToPath(
    import.meta.resolve("plotly.js-dist-min/plotly.min.js"),
  );
  const { readable } = await Deno.open(path);
  return new Response(readable, {
    headers: {
      ...HEADERS,
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "private, max-age=3600",
    },
  });
}

/** Nothing from elsewhere, and the token goes nowhere. */
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
    "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

function json(
  status: number,
  content: object,
  headers: Record<string, string> = {},
): Response {
  return Response.json(content, {
    status,
    headers: { ...HEADERS, ...headers },
  });
}
