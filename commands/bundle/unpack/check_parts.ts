import { createHash } from "node:crypto";
import type { Part } from "./manifest.ts";

/**
 * Whether all parts are there and as they were made.
 *
 * @param folder Where they lie.
 * @param parts What is expected.
 * @param onPart Told after each part.
 * @throws {Error} Which are missing, which damaged, and what to do.
 */
export async function checkParts(
  folder: string,
  parts: readonly Part[],
  onPart: () => void = () => {},
): Promise<void> {
  const missing: string[] = [];
  const damaged: string[] = [];
  for (const { name, bytes, sha256 } of parts) {
    try {
      const { size } = await Deno.stat(`${folder}/${name}`);
      if (size !== bytes || await hash(`${folder}/${name}`) !== sha256) {
        damaged.push(name);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      missing.push(name);
    }
    onPart();
  }
  const problems = [
    ...missing.length > 0 ? [`missing: ${missing.join(", ")}`] : [],
    ...damaged.length > 0 ? [`damaged: ${damaged.join(", ")}`] : [],
  ];
  if (problems.length === 0) return;
  throw new Error(
    `Cannot unpack: ${
      problems.join("; ")
    }. Copy them to ${folder} again from ` +
      `where the bundle was made, and run unpack.sh again; the others are kept`,
  );
}

async function hash(path: string): Promise<string> {
  const sum = createHash("sha256");
  for await (const chunk of (await Deno.open(path)).readable) sum.update(chunk);
  return sum.digest("hex");
}
