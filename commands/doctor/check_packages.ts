import { broken, type Finding, good } from "./finding.ts";
import type { System } from "./system.ts";

/** Whether the npm packages are there, in the versions that are pinned. */
export async function checkPackages(system: System): Promise<Finding[]> {
  const { project, isBundle } = system;
  const { imports } = JSON.parse(await system.read(`${project}/deno.json`));
  const problems: string[] = [];
  const found: string[] = [];
  for (const specifier of Object.values<string>(imports)) {
    const [, name, wanted] = /^npm:(.+)@([^@]+)$/.exec(specifier) ?? [];
    if (name === undefined) continue;
    const version = await installedVersion(system, name);
    if (version === wanted) found.push(`${name} ${version}`);
    else problems.push(`${name} ${version ?? "missing"}, not ${wanted}`);
  }
  if (problems.length === 0) return [good("npm packages", found.join(", "))];
  const remedy = isBundle
    ? "unpack or copy the bundle again"
    : "remove node_modules and run ./ldlab setup";
  return [broken("npm packages", problems.join(", "), remedy)];
}

async function installedVersion(
  system: System,
  name: string,
): Promise<string | undefined> {
  try {
    const path = `${system.project}/node_modules/${name}/package.json`;
    return JSON.parse(await system.read(path)).version;
  } catch {
    return undefined; // missing, or not whole
  }
}
