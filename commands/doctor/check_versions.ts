import { type Finding, good, lacking } from "./finding.ts";
import type { System } from "./system.ts";

/** Which ldlab, Deno and JupyterLab are here, and whether they are those pinned. */
export async function checkVersions(system: System): Promise<Finding[]> {
  const { project, isBundle } = system;
  const { version } = JSON.parse(await system.read(`${project}/deno.json`));
  const kind = isBundle ? ", a bundle" : "";
  const pins = await pinned(system);
  return [
    good("ldlab", `${version}, commit ${system.commit()}${kind}`),
    compared("Deno", system.deno, pins.get("deno")),
    ...isBundle
      ? [
        good(
          "Notebooks",
          "a bundle has no JupyterLab; for one here: ./ldlab kernel install",
        ),
      ]
      : await checkPython(system, pins),
  ];
}

/** Versions by package, as `requirements.txt` has them. */
async function pinned(system: System): Promise<Map<string, string>> {
  const text = await system.read(`${system.project}/requirements.txt`);
  return new Map(
    [...text.matchAll(/^([\w-]+)==(\S+)$/gm)]
      .map(([, name, version]) => [name, version]),
  );
}

async function checkPython(
  system: System,
  pins: ReadonlyMap<string, string>,
): Promise<Finding[]> {
  const lib = `${system.project}/.venv/lib`;
  const installed = new Map<string, string>();
  for (const python of await system.names(lib)) {
    for (const name of await system.names(`${lib}/${python}/site-packages`)) {
      const [, key, version] = /^(.+)-([^-]+)\.dist-info$/.exec(name) ?? [];
      if (key !== undefined) installed.set(key.toLowerCase(), version);
    }
  }
  return [["JupyterLab", "jupyterlab"], ["nbclient", "nbclient"], [
    "nbconvert",
    "nbconvert",
  ], ["plotly", "plotly"]].map(([subject, name]) =>
    compared(subject, installed.get(name), pins.get(name))
  );
}

function compared(
  subject: string,
  found: string | undefined,
  wanted: string | undefined,
): Finding {
  if (found === undefined) {
    return lacking(subject, "missing", "run ./ldlab setup");
  }
  if (wanted === undefined || found === wanted) return good(subject, found);
  return lacking(
    subject,
    `${found}; ldlab is tested with ${wanted}`,
    "run ./ldlab setup, and start ldlab by ./ldlab",
  );
}
