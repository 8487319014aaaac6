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
  /** Variables left from an engine that was closed, and what they held. */
  readonly #lost = new Map<tf.Variable, tf.DataId>();

  /** @param backend The backend the step is recorded on. */
  constructor(backend: TensorflowBackend) {
    for (const variable of registered()) {
      try {
        backend.idOf(variable); // brings it here if it waits on the host
      } catch {
        this.#lost.set(variable, variable.dataId); // an error if it is used
        continue;
      }
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

  /** Variables that were made since the start. */
  made(): tf.Variable[] {
    return registered().filter((variable) =>
      !this.#starts.has(variable) && !this.#lost.has(variable)
    );
  }

  /** What the step did to a variable that it must not do, if anything. */
  offence(): string | undefined {
    const [made] = this.made();
    if (made !== undefined) return `makes the variable '${made.name}'`;
    const known = [...this.#starts.keys(), ...this.#lost.keys()];
    const disposed = known.find((variable) => variable.isDisposed);
    if (disposed !== undefined) {
      return `disposes the variable '${disposed.name}'`;
    }
    const [lost] = this.#lostAndAssigned();
    if (lost !== undefined) {
      return `assigns to the variable '${lost.name}' of an engine that was closed`;
    }
  }

  /**
   * Gives every variable its tensor of the start back. One whose tensor was lost
   * with its engine has none, and is disposed.
   */
  restore(): void {
    for (const variable of this.#lostAndAssigned()) variable.dispose();
    for (const [variable, start] of this.#starts) {
      if (!variable.isDisposed && variable.dataId !== start.dataId) {
        variable.assign(start);
      }
      start.dispose();
    }
    this.#starts.clear();
  }

  #lostAndAssigned(): tf.Variable[] {
    return [...this.#lost]
      .filter(([variable, dataId]) =>
        !variable.isDisposed && variable.dataId !== dataId
      )
      .map(([variable]) => variable);
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
