import { registerGather } from "./gather.ts";

let registered = false;

/** Adds the engine's kernels and gradients to tfjs, once. */
export function registerKernels(): void {
  if (registered) return;
  registered = true;
  registerGather();
}
