/** A panel of seconds, and requests to it. */
import {
  openPanel,
  type PanelOptions,
} from "../../../experiments/panel/panel.ts";
import type { LivePanel } from "../../../experiments/panel/live_panel.ts";
import type { MediaBundle } from "ldlab/report/jupyter.ts";
import { tiny } from "../tiny_config.ts";

/** The tests' teacher is trained once. */
export const tinyFolder = Deno.makeTempDirSync({ prefix: "ldlab-panel-" });
globalThis.addEventListener("unload", () => {
  Deno.removeSync(tinyFolder, { recursive: true });
});

/** Two images a step, two steps an epoch. */
export const tinyPair = { teacher: tiny, student: tiny };

/** A panel that is paused, with what it shows and what stops it. */
export async function openTiny(
  options: PanelOptions = {},
): Promise<
  { panel: LivePanel; shown: MediaBundle[]; stop: () => void; ask: Ask }
> {
  const shown: MediaBundle[] = [];
  let stopping = new AbortController();
  const panel = await openPanel({
    pair: tinyPair,
    paused: true,
    folder: tinyFolder,
    evaluateEvery: 2,
    ...options,
  }, {
    display: { put: (bundle) => Promise.resolve(void shown.push(bundle)) },
    progress: {
      update: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    stop: () => stopping.signal,
  });
  return {
    panel,
    shown,
    stop: () => {
      stopping.abort();
      stopping = new AbortController();
    },
    ask: askOf(panel.address),
  };
}

/** Sends a request, with the token unless another one is given. */
export type Ask = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
  // deno-lint-ignore no-explicit-any
) => Promise<{ status: number; answer: any }>;

/** How to ask the panel of an address. */
export function askOf(address: string): Ask {
  const url = new URL(address);
  const token = url.searchParams.get("panel_token")!;
  return async (method, path, body, headers = { "x-panel-token": token }) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers,
      body: body === undefined
        ? undefined
        : typeof body === "string"
        ? body
        : JSON.stringify(body),
    });
    return { status: response.status, answer: await response.json() };
  };
}
