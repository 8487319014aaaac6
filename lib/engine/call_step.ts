import * as tf from "@tensorflow/tfjs-core";
import { atLine, callSite } from "./source_line.ts";

/** The step whose function runs now. */
let running: string | null = null;

/**
 * Calls a step's function, and checks what it returns.
 *
 * @param name The step's name, for errors.
 * @throws {TypeError} If it does not return tensors by name.
 */
export function callStep<
  I extends tf.NamedTensorMap,
  O extends tf.NamedTensorMap,
>(name: string, step: (inputs: I) => O, inputs: I): O {
  running = name;
  let outputs: O;
  try {
    outputs = step(inputs);
  } finally {
    running = null;
  }
  if (isPromise(outputs)) {
    outputs.catch(() => {}); // what it meets later follows from this error
    throw new TypeError(
      `Cannot run step '${name}': it returns a promise. A step must not be ` +
        `async: await outside of it, and pass what it needs as inputs`,
    );
  }
  requireNamedTensors(outputs, `Cannot run step '${name}': outputs`);
  return outputs;
}

/**
 * Refuses to call one compiled step within another.
 *
 * @throws {Error} At once and not as a rejection, so that it ends the outer step.
 */
export function refuseNested(name: string): void {
  if (running === null) return;
  throw new Error(
    `Cannot run step '${running}': it calls the compiled step '${name}'. Call ` +
      `the plain function instead${atLine(callSite())}`,
  );
}

/**
 * Refuses what is no record of tensors that are alive.
 *
 * @param what Whose tensors, the start of the error.
 * @throws {TypeError} Which key is wrong, and how.
 */
export function requireNamedTensors(
  value: unknown,
  what: string,
): asserts value is tf.NamedTensorMap {
  const problem = describeProblem(value);
  if (problem === undefined) return;
  throw new TypeError(`${what} must be tensors by name: ${problem}`);
}

function describeProblem(value: unknown): string | undefined {
  if (value instanceof tf.Tensor) return "current value is a single tensor";
  if (typeof value !== "object" || value === null) {
    return `current value is ${value}`;
  }
  for (const [key, tensor] of Object.entries(value)) {
    if (isPromise(tensor)) {
      tensor.catch(() => {}); // what it meets later follows from this error
      return `'${key}' is a promise`;
    }
    if (!(tensor instanceof tf.Tensor)) {
      return `'${key}' is ${tensor === null ? "null" : typeof tensor}`;
    }
    if (tensor.isDisposed) return `'${key}' was disposed`;
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}
