/**
 * Throws where ldlab is not set up, with the one command that does it. Notebooks
 * import this before anything else: what needs packages cannot be imported then,
 * and Deno's own error names another command.
 *
 * @module
 */
import { projectFolder } from "./project.ts";

try {
  Deno.statSync(`${projectFolder}/node_modules/.deno`);
} catch (cause) {
  throw new Error(
    `ldlab is not set up: run ./ldlab setup in ${projectFolder}, then restart ` +
      "this kernel and run all cells again",
    { cause },
  );
}
