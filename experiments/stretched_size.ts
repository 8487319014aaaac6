import type { StretchInput } from "../lib/data/mod.ts";
import type { RunConfig } from "./config.ts";

/**
 * The one size of a run's input, for what draws images in it.
 *
 * @throws {RangeError} If its images keep their ratio: their inputs have several.
 */
export function stretchedSize(
  { input }: Pick<RunConfig, "input">,
): Pick<StretchInput, "width" | "height"> {
  if (input.kind === "stretch") {
    return { width: input.width, height: input.height };
  }
  throw new RangeError(
    `Cannot draw inputs of one size: input.kind must be 'stretch': current value is '${input.kind}'`,
  );
}
