import { fileURLToPath } from "node:url";
import { browserRemedy } from "../../lib/report/find_browser.ts";
import { broken, type Finding, good, lacking } from "./finding.ts";
import type { PartAnswer } from "./self_test_answer.ts";
import type { Answer, System } from "./system.ts";

/**
 * The losses of {@linkcode trainingStep}, from the same two steps in pure
 * JavaScript.
 */
export const LOSSES = [2.6567008, 2.6139345] as const;

/** Relative; TF32 on a GPU keeps three digits, the update changes the second. */
const TOLERANCE = 2e-3;

/** It takes five; a network disk or a busy machine takes longer. */
const PATIENCE = 120;

/** Does the work of a run in small, in a process that may crash. */
export async function checkSelfTest(system: System): Promise<Finding[]> {
  const program = fileURLToPath(new URL("self_test.ts", import.meta.url));
  const answer = await system.run(Deno.execPath(), [
    "run",
    "-A",
    "--quiet",
    "--config",
    `${system.project}/deno.json`,
    program,
  ], PATIENCE);
  const drivers = await system.names("/proc/driver/nvidia/gpus");
  return selfTestFindings(answer, {
    again: system.isBundle
      ? "unpack or copy the bundle again"
      : "run ./ldlab setup",
    wantsCard: drivers.length > 0 && system.environment.LDLAB_DEVICE !== "cpu",
  });
}

/**
 * What the self-test's output says.
 *
 * @param options.again How to get a whole ldlab again.
 * @param options.wantsCard Whether there is a card and nobody said not to use it.
 */
export function selfTestFindings(
  answer: Answer,
  { again, wantsCard }: { again: string; wantsCard: boolean },
): Finding[] {
  const parts = new Map(
    readParts(answer.stdout).map((part) => [part.part, part] as const),
  );
  const figure = parts.get("figure");
  return [
    engineFinding(parts.get("engine"), answer, again),
    devicesFinding(parts.get("devices"), answer, {
      missesCard: wantsCard && parts.get("engine")?.device === "cpu",
    }),
    stepFinding(parts.get("step"), answer, {
      hasEngine: parts.get("engine")?.error === undefined,
    }),
    tried(parts.get("store"), answer, {
      subject: "A run stored",
      done: "written and read",
      failed: broken,
      remedy: "free the temporary folder, or name another one in TMPDIR",
    }),
    // There is none without a browser, which is said elsewhere.
    ...figure === undefined ? [] : [tried(figure, answer, {
      subject: "A figure drawn",
      done: "as SVG",
      failed: lacking,
      remedy: browserRemedy,
    })],
  ];
}

function engineFinding(
  engine: PartAnswer | undefined,
  answer: Answer,
  again: string,
): Finding {
  const subject = "Engine";
  if (engine?.reason === undefined) {
    const why = engine?.error ?? unanswered(answer);
    // Nothing but the environment asks for a device here.
    const isDevice = /^Cannot use gpu:|device must be/.test(why);
    const remedy = isDevice ? "do what it says, or unset LDLAB_DEVICE" : again;
    return broken(subject, why, remedy);
  }
  const { backend, reason } = engine;
  // The first sentence says what it runs on, the others what it does without.
  return backend === "tensorflow"
    ? good(subject, reason)
    : broken(subject, `${reason} (TensorFlow is not used)`, again);
}

function devicesFinding(
  devices: PartAnswer | undefined,
  answer: Answer,
  { missesCard }: { missesCard: boolean },
): Finding {
  const subject = "Devices";
  if (devices?.cards === undefined) {
    const why = devices?.error ?? unanswered(answer);
    return lacking(subject, why, "report this page");
  }
  const cards = devices.cards.map(({ name, bytes, capability }, at) =>
    `gpu:${at} ${name}, ${(bytes / 2 ** 30).toFixed(1)} GiB, compute ` +
    `capability ${capability.join(".")}`
  );
  const listed = ["cpu", ...cards].join("; ");
  return missesCard
    ? lacking(
      subject,
      `${listed}; there is a card, which is not used`,
      "do what the engine says of the GPU, or set LDLAB_DEVICE=cpu if it is " +
        "not to be used",
    )
    : good(subject, listed);
}

function stepFinding(
  step: PartAnswer | undefined,
  answer: Answer,
  { hasEngine }: { hasEngine: boolean },
): Finding {
  const subject = "A training step";
  if (!hasEngine) {
    return broken(subject, "not tried without an engine", "see Engine");
  }
  const remedy = "report this page; training results cannot be relied on here";
  if (step?.losses === undefined) {
    return broken(subject, step?.error ?? unanswered(answer), remedy);
  }
  const { seconds } = step;
  const losses = step.losses.map((loss) => loss ?? NaN);
  const said = `losses ${losses.map((loss) => loss.toFixed(5)).join(", ")}`;
  const isRight = losses.length === LOSSES.length &&
    LOSSES.every((loss, at) => Math.abs(losses[at] - loss) <= TOLERANCE * loss);
  return isRight
    ? good(subject, `${said}, as they should be, ${seconds.toFixed(1)} s`)
    : broken(
      subject,
      `${said}, not ${LOSSES.map((loss) => loss.toFixed(5)).join(", ")}`,
      remedy,
    );
}

function tried(
  part: PartAnswer | undefined,
  answer: Answer,
  { subject, done, failed, remedy }: {
    subject: string;
    done: string;
    failed: typeof broken;
    remedy: string;
  },
): Finding {
  return part !== undefined && part.error === undefined
    ? good(subject, `${done}, ${part.seconds.toFixed(1)} s`)
    : failed(subject, part?.error ?? unanswered(answer), remedy);
}

function readParts(stdout: string): PartAnswer[] {
  return stdout.split("\n").flatMap((line) => {
    try {
      const value = JSON.parse(line);
      return typeof value?.part === "string" ? [value as PartAnswer] : [];
    } catch {
      return []; // a line of TensorFlow's
    }
  });
}

/** Why a part did not say anything. */
function unanswered({ code, signal, stderr, late }: Answer): string {
  if (late) return `not reached in ${PATIENCE} s`;
  const last = stderr.trim().split("\n").at(-1);
  const ended = signal === null ? `exit status ${code}` : signal;
  return `not reached: the self-test ended with ${ended}${
    last ? `, saying '${last}'` : ""
  }`;
}
