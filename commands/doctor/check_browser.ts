import { browserRemedy } from "../../lib/report/browser.ts";
import { type Finding, good, lacking } from "./finding.ts";
import type { System } from "./system.ts";

/** Whether there is a browser to draw figures as pictures. */
export async function checkBrowser(system: System): Promise<Finding[]> {
  const subject = "Browser";
  let path: string | null;
  try {
    path = system.browser();
  } catch (error) {
    return [lacking(subject, (error as Error).message, browserRemedy)];
  }
  if (path === null) {
    return [
      lacking(subject, "none, so no pictures of figures", browserRemedy),
    ];
  }
  const { code, stdout, stderr, late } = await system.run(
    path,
    ["--version"],
    10,
  );
  if (code === 0) return [good(subject, `${stdout.trim()} (${path})`)];
  const said = late ? "no answer in 10 s" : stderr.trim().split("\n").at(-1);
  return [
    lacking(subject, `${path} does not start: ${said}`, browserRemedy),
  ];
}
