import type { Flag } from "../command.ts";
import { UsageError } from "../usage_error.ts";
import { folderOf, systemFolder, userFolder } from "./data_folders.ts";

/** Which Jupyter knows the kernel, as `jupyter kernelspec install` has it. */
export const PLACE_FLAGS = {
  user: { kind: "switch", about: "this user's Jupyter, not all users'" },
  prefix: {
    kind: "text",
    value: "DIR",
    about: "the Jupyter of a Python environment, as $CONDA_PREFIX",
  },
} as const satisfies Record<string, Flag>;

/**
 * The folder of Jupyter's that the flags mean.
 *
 * @throws {UsageError} If they mean two, or none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { placeOf } from "./place_flags.ts";
 *
 * assert.equal(placeOf({ user: false, prefix: "/opt/conda" }), "/opt/conda/share/jupyter");
 * ```
 */
export function placeOf(
  { user, prefix }: { user: boolean; prefix: string | null },
): string {
  if (user && prefix !== null) {
    throw new UsageError(
      "There may be --user or --prefix, not both: each says where",
    );
  }
  if (prefix !== null) return folderOf(prefix);
  return user ? userFolder() : systemFolder;
}
