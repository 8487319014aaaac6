import { browserRemedy } from "../../lib/report/find_browser.ts";
import { type Finding, good, lacking } from "./finding.ts";
import type { System } from "./system.ts";

/** Seconds; a browser on a slow disk takes one or two. */
const PATIENCE = 10;

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
  const version = await answerOf(system, path);
  return [
    version.works ? good(subject, `${version.said} (${path})`) : lacking(
      subject,
      `${path} does not start: ${version.said}`,
      browserRemedy,
    ),
  ];
}

async function answerOf(
  system: System,
  path: string,
): Promise<{ works: boolean; said: string }> {
  try {
    const { code, stdout, stderr, late } = await system.run(
      path,
      ["--version"],
      PATIENCE,
    );
    if (code === 0) return { works: true, said: stdout.trim() };
    const last = stderr.trim().split("\n").at(-1) || `exit status ${code}`;
    return { works: false, said: late ? `no answer in ${PATIENCE} s` : last };
  } catch (error) {
    return { works: false, said: (error as Error).message };
  }
}
