import * as tf from "@tensorflow/tfjs-core";
import type { TensorflowBackend } from "./tensorflow_backend.ts";

/**
 * The variables at the start of a recording. A step may assign to them while it
 * is recorded; their values are put back afterwards, and which ones it assigned
 * to is what a replay has to do.
 */
export class StepState {
  /** Variables by the number of their tensor at the start. */
  readonly byId = new Map<number, tf.Variable>();
  readonly #starts = new Map<tf.Variable, tf.Tensor>();

  /** @param backend The backend the step is recorded on. */
  constructor(backend: TensorflowBackend) {
    for (const variable of registered()) {
      backend.idOf(variable); // brings it here if it waits on the host
      if (backend.refCount(variable.dataId) > 1) separate(variable, backend);
      this.byId.set(backend.idOf(variable), variable);
      this.#starts.set(variable, tf.keep(tf.clone(variable)));
    }
  }

  /** Variables that have another tensor now than at the start. */
  assigned(): tf.Variable[] {
    return [...this.#starts]
      .filter(([variable, start]) => variable.dataId !== start.dataId)
      .map(([variable]) => variable);
  }

  /** Variables that were made or disposed since the start, by name. */
  strays(): { made: tf.Variable[]; disposed: tf.Variable[] } {
    return {
      made: registered().filter((variable) => !this.#starts.has(variable)),
      disposed: [...this.#starts.keys()].filter((v) => v.isDisposed),
    };
  }

  /** Gives every variable its tensor of the start back. */
  restore(): void {
    for (const [variable, start] of this.#starts) {
      if (!variable.isDisposed && variable.dataId !== start.dataId) {
        variable.assign(start);
      }
      start.dispose();
    }
    this.#starts.clear();
  }
}

function registered(): tf.Variable[] {
  return Object.values(tf.engine().state.registeredVariables);
}

/**
 * Gives a variable a tensor of its own where it shares one with a clone or with
 * another variable: else the two could not be told apart in a step.
 */
function separate(variable: tf.Variable, backend: TensorflowBackend): void {
  const own = tf.tidy(() =>
    tf.keep(backend.executeSingleOutput("Identity", [], [variable]))
  );
  variable.assign(own);
  own.dispose();
}
