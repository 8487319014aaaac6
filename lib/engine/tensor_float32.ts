import { dirname, join } from "node:path";

/** Of TensorFlow's C++ functions; its C API has none for this. */
const SWITCH = {
  set: {
    name: "_ZN3tsl32enable_tensor_float_32_executionEb",
    parameters: ["u8"],
    result: "void",
    optional: true,
  },
  get: {
    name: "_ZN3tsl33tensor_float_32_execution_enabledEv",
    parameters: [],
    result: "u8",
    optional: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * Lets cards from Ampere on multiply float32 in TensorFloat-32, 10 bits of
 * mantissa in place of 23, or not. It holds for the process.
 *
 * @param library The path of `libtensorflow_cc.so.2`, loaded.
 * @param on Whether they may, as they do from the start.
 * @returns Whether they do.
 * @throws {Error} If they are not to, and this TensorFlow lacks the function.
 */
export function setTensorFloat32(library: string, on: boolean): boolean {
  const path = join(dirname(library), "libtensorflow_framework.so.2");
  let symbols;
  try {
    ({ symbols } = Deno.dlopen(path, SWITCH));
  } catch {
    symbols = { set: null, get: null }; // not where the package has it
  }
  if (symbols.set !== null && symbols.get !== null) {
    symbols.set(on ? 1 : 0);
    return symbols.get() !== 0;
  }
  if (on) return on;
  throw new Error(
    `Cannot forbid TensorFloat-32: this TensorFlow has no function for it ` +
      `(${path}). Set the environment variable NVIDIA_TF32_OVERRIDE=0 before ` +
      `you start, and leave tf32 out`,
  );
}
