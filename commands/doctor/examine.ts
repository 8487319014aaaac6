import { checkBrowser } from "./check_browser.ts";
import { checkCards } from "./check_cards.ts";
import { checkDisk } from "./check_disk.ts";
import { checkKernel } from "./check_kernel.ts";
import { checkMachine, checkMemory } from "./check_machine.ts";
import { checkPackages } from "./check_packages.ts";
import { checkSelfTest } from "./check_self_test.ts";
import { checkVersions } from "./check_versions.ts";
import { broken, type Finding, lacking } from "./finding.ts";
import type { System } from "./system.ts";

/** Something to look at. */
type Check = (system: System) => Promise<Finding[]>;

/** A heading of the page, and what stands under it. */
export interface Section {
  readonly heading: string;
  readonly findings: readonly Finding[];
}

/** The one that says whether training works. */
const SELF_TEST = "Self-test";

const CHECKS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  Versions: { Versions: checkVersions, "npm packages": checkPackages },
  Machine: {
    Machine: checkMachine,
    Memory: checkMemory,
    "Free for results": checkDisk,
    "NVIDIA cards": checkCards,
  },
  Programs: { Browser: checkBrowser, "Deno kernel": checkKernel },
  [SELF_TEST]: { [SELF_TEST]: checkSelfTest },
};

/** Longer than any check takes by itself. */
const PATIENCE = 150;

/**
 * Looks at everything. A check that fails or takes too long is a finding as well;
 * only the self-test's says that training does not work.
 *
 * @param system What is looked at.
 * @param options.checks What is looked for, under which heading.
 * @param options.seconds What each check may take.
 */
export async function examine(
  system: System,
  { checks = CHECKS, seconds = PATIENCE }: {
    checks?: Readonly<Record<string, Readonly<Record<string, Check>>>>;
    seconds?: number;
  } = {},
): Promise<Section[]> {
  return await Promise.all(
    Object.entries(checks).map(async ([heading, group]) => ({
      heading,
      findings: (await Promise.all(
        Object.entries(group).map(([subject, check]) =>
          bounded(subject, () => check(system), seconds)
        ),
      )).flat(),
    })),
  );
}

/** Whether training does not work here as it should. */
export function isBroken(sections: readonly Section[]): boolean {
  return sections.some(({ findings }) =>
    findings.some(({ state }) => state === "broken")
  );
}

async function bounded(
  subject: string,
  check: () => Promise<Finding[]>,
  seconds: number,
): Promise<Finding[]> {
  const failed = subject === SELF_TEST ? broken : lacking;
  const remedy = "report this page";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Finding[]>((resolve) => {
    timer = setTimeout(() => {
      resolve([failed(subject, `no answer in ${seconds} s`, remedy)]);
    }, seconds * 1000);
  });
  try {
    return await Promise.race([check(), late]);
  } catch (error) {
    const message = error instanceof Error ? error.message : `${error}`;
    return [failed(subject, `could not be looked at: ${message}`, remedy)];
  } finally {
    clearTimeout(timer);
  }
}
