import type { Section } from "./examine.ts";
import type { Finding } from "./finding.ts";

/** Settings that change what ldlab and TensorFlow do. */
const TELLING = new RegExp(
  "^(LDLAB|XLA|CUDA|ONEDNN|OMP|NVIDIA)_" +
    "|^TF_(CPP|ENABLE|DISABLE|GPU|XLA|FORCE|CUDNN|CUBLAS|NUM|DETERMINISTIC)_" +
    "|^(DENO_DIR|LD_LIBRARY_PATH|TMPDIR)$",
);
const SECRET = /TOKEN|KEY|SECRET|PASS|AUTH/i;

/**
 * What was found as plain text, to be pasted into a bug report: without the
 * user's name, home folder and secrets.
 *
 * @param sections What was found.
 * @param environment The environment's variables; those that matter are shown.
 */
export function doctorPage(
  sections: readonly Section[],
  environment: Readonly<Record<string, string>>,
): string {
  const all = sections.flatMap(({ findings }) => findings);
  const width = Math.max(...all.map(({ subject }) => subject.length));
  const line = ({ subject, value, state }: Finding) =>
    `${MARKS[state]} ${subject.padEnd(width)}  ${oneLine(value)}`;
  const settings = Object.entries(environment)
    .filter(([name]) => TELLING.test(name) && !SECRET.test(name)).sort()
    .map(([name, value]) => `  ${name}=${value}`);
  const wrong = all.filter(({ state }) => state !== "good");
  const text = [
    ...sections.map(({ heading, findings }) =>
      [heading, ...findings.map(line)].join("\n")
    ),
    ...settings.length > 0 ? [["Settings", ...settings].join("\n")] : [],
    verdict(wrong),
  ].join("\n\n");
  return withoutPerson(text, environment);
}

const MARKS = { good: " ", lacking: "-", broken: "!" } as const;

function verdict(wrong: readonly Finding[]): string {
  if (wrong.length === 0) return "Nothing is missing.";
  return [
    wrong.some(({ state }) => state === "broken")
      ? "Training does not work here as it should until what is marked ! is " +
        "put right."
      : "Training works here; what is marked - is missing for the rest.",
    ...wrong.map(({ subject, remedy }) => `  ${subject}: ${remedy}`),
  ].join("\n");
}

/** Takes out the home folder, the user's name in paths, and what looks secret. */
function withoutPerson(
  text: string,
  { HOME = "", USER, LOGNAME }: Readonly<Record<string, string | undefined>>,
): string {
  let result = text
    .replace(/\/\/[^/\s@]+@/g, "//…@")
    .replace(/((?:token|key|secret|password)=)[^\s&]+/gi, "$1…");
  const home = HOME.replace(/\/+$/, "");
  if (home !== "") {
    const place = new RegExp(`(?<![\\w.-])${escaped(home)}(?![\\w.-])`, "g");
    result = result.replace(place, "~");
  }
  // Scratch and project disks have folders of users too.
  for (const user of new Set([USER, LOGNAME, home.split("/").at(-1)])) {
    // root is no one's name.
    if (!user || user === "root") continue;
    // Also within a folder's name: /tmp/slurm.ada.7.
    const name = `(?<=/(?:[^\\s:]*[^A-Za-z0-9\\s])?)${escaped(user)}`;
    const whole = new RegExp(`${name}(?![A-Za-z0-9])`, "g");
    result = result.replace(whole, "USER");
  }
  return result;
}

/** A message may have several. */
function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
