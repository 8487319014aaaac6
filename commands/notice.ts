/**
 * Says something beside the progress, on a line of its own on standard error.
 *
 * @param message One sentence or more.
 *
 * @example
 * ```ts
 * import { notice } from "./notice.ts";
 *
 * notice("2 boxes were skipped");
 * ```
 */
export function notice(message: string): void {
  const clear = Deno.stderr.isTerminal() ? "\r\x1b[2K" : "";
  console.error(clear + message);
}
