/** Layers as plain loops in float64: independent sources of expected values. */

/** A feature map [B, H, W, C], row-major. */
export interface Map4D {
  shape: [number, number, number, number];
  data: ArrayLike<number>;
}

/** Convolution with symmetric padding; the filter is [K, K, in / groups, out]. */
export function convolve(
  x: Map4D,
  filter: Map4D,
  stride: number,
  padding: number,
): number[] {
  const [batch, height, width, channels] = x.shape;
  const [kernel, , perGroup, outChannels] = filter.shape;
  const groups = channels / perGroup;
  const out = (size: number) =>
    Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const y: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < out(height); i++) {
      for (let j = 0; j < out(width); j++) {
        for (let o = 0; o < outChannels; o++) {
          const first = Math.floor(o / (outChannels / groups)) * perGroup;
          let sum = 0;
          for (let u = 0; u < kernel; u++) {
            for (let v = 0; v < kernel; v++) {
              const [row, column] = [
                i * stride + u - padding,
                j * stride + v - padding,
              ];
              if (row < 0 || row >= height) continue;
              if (column < 0 || column >= width) continue;
              for (let c = 0; c < perGroup; c++) {
                const at = ((b * height + row) * width + column) * channels +
                  first + c;
                const tap = ((u * kernel + v) * perGroup + c) * outChannels + o;
                sum += x.data[at] * filter.data[tap];
              }
            }
          }
          y.push(sum);
        }
      }
    }
  }
  return y;
}

/** The largest of each window, the rest of the plane being −∞. */
export function pool(
  x: Map4D,
  kernel: number,
  stride: number,
  padding: number,
): number[] {
  return windows(x, kernel, stride, padding, (cells) => Math.max(...cells));
}

/**
 * Reduces the cells of each window that are in the image; `round` says whether a
 * window counts that is not whole.
 */
export function windows(
  x: Map4D,
  kernel: number,
  stride: number,
  padding: number,
  reduce: (cells: number[]) => number,
  round = Math.floor,
): number[] {
  const [batch, height, width, channels] = x.shape;
  const out = (size: number) =>
    round((size + 2 * padding - kernel) / stride) + 1;
  const y: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < out(height); i++) {
      for (let j = 0; j < out(width); j++) {
        for (let c = 0; c < channels; c++) {
          const cells: number[] = [];
          for (let u = 0; u < kernel; u++) {
            for (let v = 0; v < kernel; v++) {
              const [row, column] = [
                i * stride + u - padding,
                j * stride + v - padding,
              ];
              if (row < 0 || row >= height) continue;
              if (column < 0 || column >= width) continue;
              const at = ((b * height + row) * width + column) * channels + c;
              cells.push(x.data[at]);
            }
          }
          y.push(reduce(cells));
        }
      }
    }
  }
  return y;
}

/**
 * Normalises within groups of values: `groupOf(b, c)` names the group of image
 * b's channel c. One group for each (image, group of channels) is group norm,
 * one for each channel is batch norm.
 */
export function normalize(
  { shape, data }: Map4D,
  groupOf: (b: number, c: number) => string,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
): number[] {
  const [batch, height, width, channels] = shape;
  const sums = new Map<string, { n: number; sum: number; squares: number }>();
  const each = (visit: (at: number, group: string, c: number) => void) => {
    for (let at = 0; at < batch * height * width * channels; at++) {
      const c = at % channels;
      visit(at, groupOf(Math.floor(at / (height * width * channels)), c), c);
    }
  };
  each((at, group) => {
    const s = sums.get(group) ?? { n: 0, sum: 0, squares: 0 };
    sums.set(group, { ...s, n: s.n + 1, sum: s.sum + data[at] });
  });
  each((at, group) => {
    const s = sums.get(group)!;
    s.squares += (data[at] - s.sum / s.n) ** 2;
  });
  const y: number[] = [];
  each((at, group, c) => {
    const { n, sum, squares } = sums.get(group)!;
    y.push(
      (data[at] - sum / n) / Math.sqrt(squares / n + 1e-5) * weight[c] +
        bias[c],
    );
  });
  return y;
}
