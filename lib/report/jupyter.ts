/** One output in several forms; the page takes the richest that it knows. */
export type MediaBundle = Record<string, string | object>;

/**
 * Whether this code runs in a notebook's Deno kernel.
 *
 * Use it to choose between showing and printing.
 *
 * @returns true in `deno jupyter`, false in a terminal or a test
 *
 * @example
 * ```ts
 * import { inJupyter } from "ldlab/report/jupyter.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(inJupyter(), false);
 * ```
 */
export function inJupyter(): boolean {
  try {
    return Deno.jupyter !== undefined;
  } catch {
    // Outside of the kernel the mere access throws.
    return false;
  }
}

/** One place in a notebook's output that can be filled again. */
export interface Display {
  /** Shows the bundle, in place of the one before it. */
  put(bundle: MediaBundle): Promise<void>;
}

/**
 * Opens a place in the output of the running cell.
 *
 * Use it for output that changes while the cell runs. It survives the cell: a
 * later `put` still changes the same place.
 *
 * @returns the place; empty until the first `put`
 * @throws {Error} from `put`, outside a notebook
 *
 * @example
 * ```ts
 * import { openDisplay } from "ldlab/report/jupyter.ts";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(openDisplay().put({ "text/plain": "1" }), /deno jupyter/);
 * ```
 */
export function openDisplay(): Display {
  const id = crypto.randomUUID();
  let update = false;
  return {
    async put(bundle) {
      await Deno.jupyter.display(bundle, {
        raw: true,
        display_id: id,
        update,
      });
      update = true;
      await new Promise((resolve) => setTimeout(resolve, pauseFor(bundle)));
    },
  };
}

/**
 * Milliseconds to wait behind an output. The kernel signs and sends it beside
 * the cell and does not wait for it when it reports the cell as finished; what
 * comes after that report is lost in a headless run. Of outputs of 1.5 MB,
 * 6 % were without any pause; the rest is for machines that are busy.
 */
function pauseFor(bundle: MediaBundle): number {
  const megabytes = JSON.stringify(bundle).length / 1e6;
  return 25 + 100 * megabytes;
}
