import { nearestName } from "../../lib/data/nearest_name.ts";

/** What the sliders of a panel set. */
export interface PanelSettings {
  /** τ of both terms of localization distillation. */
  readonly temperature: number;
  /** Weight of LD on the main region. */
  readonly ldWeight: number;
  /** Weight of LD on the valuable localization region. */
  readonly vlrWeight: number;
  /** γ of that region. */
  readonly gamma: number;
  /** Weight of classification distillation. */
  readonly kdWeight: number;
  readonly learningRate: number;
  /** Which test image is looked at, from 1. */
  readonly image: number;
  /** Which level of the pyramid the regions are shown of, 3 for P3. */
  readonly level: number;
}

/** One slider. */
export interface PanelControl {
  readonly name: keyof PanelSettings;
  readonly label: string;
  readonly lowest: number;
  readonly highest: number;
  /** Distance of the slider's stops; of a rate, their number in a factor of 10. */
  readonly step: number;
  readonly scale: "linear" | "logarithmic";
  /** Where it stands at first. */
  readonly initial: number;
  /** Whether only whole numbers mean something. */
  readonly whole: boolean;
}

const control = (
  name: keyof PanelSettings,
  label: string,
  [lowest, highest, step, initial]: readonly [number, number, number, number],
): PanelControl => ({
  ...{ name, label, lowest, highest, step, initial },
  scale: name === "learningRate" ? "logarithmic" : "linear",
  whole: name === "image" || name === "level",
});

/**
 * The sliders of a panel; the weights stand at those of the released code.
 *
 * @param options.learningRate The student's own.
 * @param options.images How many test images there are to look at.
 * @param options.levels How many levels the pyramid has.
 */
export function panelControls(
  { learningRate, images, levels }: {
    learningRate: number;
    images: number;
    levels: number;
  },
): readonly PanelControl[] {
  return [
    control("temperature", "Temperature τ", [0.5, 30, 0.5, 10]),
    control("ldWeight", "LD weight", [0, 2, 0.05, 0.25]),
    control("vlrWeight", "VLR weight", [0, 2, 0.05, 0.25]),
    control("gamma", "γ of the VLR", [0, 1, 0.05, 0.25]),
    control("kdWeight", "KD weight", [0, 20, 0.5, 10]),
    control("learningRate", "Learning rate", [
      Math.min(1e-5, learningRate),
      Math.max(0.1, learningRate),
      20,
      learningRate,
    ]),
    control("image", "Test image", [1, images, 1, 1]),
    control("level", "FPN level", [3, levels + 2, 1, 3]),
  ];
}

/** What the sliders say at first. */
export function initialSettings(
  controls: readonly PanelControl[],
): PanelSettings {
  const values = controls.map(({ name, initial }) => [name, initial]);
  return Object.fromEntries(values) as unknown as PanelSettings;
}

/**
 * Checks settings that come from outside, all before any is used.
 *
 * @param given What was asked for: an object of some of the settings.
 * @param controls The sliders.
 * @returns The same.
 * @throws {TypeError} If it is no object, or a value no number.
 * @throws {RangeError} If a name is unknown or a value out of its range.
 */
export function checkSettings(
  given: unknown,
  controls: readonly PanelControl[],
): Partial<PanelSettings> {
  const what = "Cannot change the settings";
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError(
      `${what}: they must be an object as {"temperature": 5}: current value is ${
        JSON.stringify(given)
      }`,
    );
  }
  const names = controls.map(({ name }) => name);
  for (const [name, value] of Object.entries(given)) {
    const control = controls.find((control) => control.name === name);
    if (!control) {
      const nearest = nearestName(name, names);
      throw new RangeError(
        `${what}: there is no '${name}': ${
          nearest ? `did you mean '${nearest}'?` : `use ${names.join(", ")}`
        }`,
      );
    }
    const { lowest, highest, whole } = control;
    const kind = whole ? "a whole number" : "a number";
    const right = `${name} must be ${kind} from ${lowest} to ${highest}`;
    const current = `current value is ${
      typeof value === "number" ? value : JSON.stringify(value)
    }`;
    if (typeof value !== "number") {
      throw new TypeError(`${what}: ${right}: ${current}`);
    }
    const fits = value >= lowest && value <= highest &&
      (!whole || Number.isInteger(value));
    if (!fits) throw new RangeError(`${what}: ${right}: ${current}`);
  }
  return given;
}
