import { registerConv2DBackpropFilter } from "./conv2d_backprop_filter.ts";
import { registerFusedBatchNorm } from "./fused_batch_norm.ts";
import { registerGather } from "./gather.ts";
import { registerL2Loss } from "./l2_loss.ts";
import { registerPaddedConv2D } from "./padded_conv2d.ts";
import { registerReluGrad } from "./relu_grad.ts";

let registered = false;

/** Adds the engine's kernels and gradients to tfjs, once. */
export function registerKernels(): void {
  if (registered) return;
  registered = true;
  registerConv2DBackpropFilter();
  registerGather();
  registerPaddedConv2D();
  registerFusedBatchNorm();
  registerReluGrad();
  registerL2Loss();
}
