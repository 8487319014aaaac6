import type { OpAttribute } from "../op_attributes.ts";

/** Padding of a sliding window in pixels: top, bottom, left, right. */
export type Pads = readonly [number, number, number, number];

/** A window that slides over an image. */
export interface Window {
  /** Height and width of the image. */
  readonly image: readonly [number, number];
  /** Height and width of the window. */
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: Pads;
}

/**
 * The padding attributes of TensorFlow's convolutions (NHWC).
 *
 * `SAME` and `VALID` are taken where they mean exactly these pads: TensorFlow's
 * gradients are up to 2.8 times as fast with them as with `EXPLICIT`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { paddingAttributes } from "ldlab/engine/kernels/window_padding.ts";
 *
 * const window = { image: [8, 8], size: [3, 3], pads: [1, 1, 1, 1] } as const;
 * const padding = (strides: [number, number]) =>
 *   paddingAttributes({ ...window, strides })[0].value;
 * assert.equal(padding([1, 1]), "SAME");
 * // With stride 2 SAME would pad below and on the right only.
 * assert.equal(padding([2, 2]), "EXPLICIT");
 * ```
 */
export function paddingAttributes(window: Window): OpAttribute[] {
  const { pads } = window;
  if (pads.every((pad) => pad === 0)) {
    return [{ name: "padding", value: "VALID" }];
  }
  const same = [...samePads(window, 0), ...samePads(window, 1)];
  if (pads.every((pad, i) => pad === same[i])) {
    return [{ name: "padding", value: "SAME" }];
  }
  return [
    { name: "padding", value: "EXPLICIT" },
    { name: "explicit_paddings", value: [0, 0, ...pads, 0, 0] },
  ];
}

/** What TensorFlow's SAME adds before and after along one axis. */
function samePads(window: Window, axis: 0 | 1): [number, number] {
  const size = window.image[axis];
  const stride = window.strides[axis];
  const total = Math.max(
    (Math.ceil(size / stride) - 1) * stride + window.size[axis] - size,
    0,
  );
  const before = Math.floor(total / 2);
  return [before, total - before];
}
