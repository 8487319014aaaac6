import { conv2d, type Layer } from "../nn/conv2d.ts";
import { gcBlock } from "../nn/gc_block.ts";
import { constant, kaimingNormal } from "../nn/initializers.ts";
import { type NetworkVariables, openScope } from "../nn/scope.ts";
import { completeTerms } from "./complete_terms.ts";
import type { DistillTerms } from "./terms.ts";

/** The trained layers of one term, one for each level. */
export interface TermLayers {
  /** On the student's features, where there is one. */
  readonly adaptation?: readonly Layer[];
  /** FGD's context blocks. */
  readonly studentContext?: readonly Layer[];
  readonly teacherContext?: readonly Layer[];
}

/** Layers that are trained with the student and left behind with the teacher. */
export interface DistillModules extends NetworkVariables {
  /** By the terms' names; terms without layers are not there. */
  readonly layers: Readonly<Record<string, TermLayers>>;
  /** Frees the parameters. */
  dispose(): void;
}

/**
 * Makes the layers that some terms bring along: adaptation layers of imitation
 * and FGD, and FGD's context blocks.
 *
 * Give their parameters to the optimizer with the student's. They are in the
 * step's state and so in checkpoints, but never in the student's weights. Their
 * names are `distill.<term>.<level>.…`, with the reference's below. A variable's
 * first values depend on the seed and its name only.
 *
 * @param terms Any terms; most need no layers.
 * @param options.studentChannels Channels of the student's features.
 * @param options.teacherChannels Of the teacher's.
 * @param options.levels How many levels there are; 5 unless given.
 * @param options.seed Any integer.
 * @returns The layers and their parameters; `dispose` frees them.
 * @throws {RangeError} If a term is not in order (`completeTerms`).
 * @see ggjy/DeFeat.pytorch `neck_adapt`, one 1 × 1 convolution a level;
 * yzd-v/FGD `FeatureLoss`. How the convolutions start is our choice where the
 * reference takes PyTorch's default.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { createDistillModules } from "ldlab/distill/distill_modules.ts";
 *
 * const terms = {
 *   hint: {
 *     loss: "imitation", region: { kind: "main" }, weight: 2, adaptation: "1x1",
 *   },
 * } as const;
 * const widths = { studentChannels: 4, teacherChannels: 8, levels: 1, seed: 1 };
 * const modules = createDistillModules(terms, widths);
 * const names = [...modules.parameters.keys()];
 * assert.deepEqual(names, ["distill.hint.0.adapt.weight", "distill.hint.0.adapt.bias"]);
 * modules.dispose();
 * ```
 */
export function createDistillModules(
  terms: DistillTerms,
  { studentChannels, teacherChannels, levels = 5, seed }: {
    studentChannels: number;
    teacherChannels: number;
    levels?: number;
    seed: number;
  },
): DistillModules {
  const { scope, variables } = openScope({ seed });
  const layers: Record<string, TermLayers> = {};
  const adaptations = new Map<string, readonly Layer[]>();
  for (const [name, term] of Object.entries(completeTerms(terms))) {
    const at = scope.child("distill").child(name);
    const each = (make: (level: ReturnType<typeof at.child>) => Layer) =>
      Array.from({ length: levels }, (_, level) => make(at.child(`${level}`)));
    const convolutions = (child: string, kernel: number) =>
      each((level) =>
        conv2d(level.child(child), {
          inChannels: studentChannels,
          outChannels: teacherChannels,
          kernel,
          weight: kaimingNormal(),
          bias: constant(0),
        })
      );
    if (term.loss === "imitation" && term.adaptation !== "none") {
      const adaptation = adaptations.get(term.adaptation) ??
        convolutions("adapt", Number(term.adaptation[0]));
      adaptations.set(term.adaptation, adaptation);
      layers[name] = { adaptation };
    }
    if (term.loss === "fgd") {
      const context = (suffix: string) =>
        each((level) => gcBlock(level, { channels: teacherChannels, suffix }));
      layers[name] = {
        ...(studentChannels !== teacherChannels && {
          adaptation: convolutions("align", 1),
        }),
        studentContext: context("_s"),
        teacherContext: context("_t"),
      };
    }
  }
  return {
    ...variables,
    layers,
    dispose: () => {
      for (const variable of variables.parameters.values()) variable.dispose();
    },
  };
}
