import type { HostValues } from "./host_values.ts";

/** A number that differs, most likely, where values differ. */
export function checksum(values: HostValues): number {
  let sum = 0x811c9dc5; // FNV-1a
  const add = (bytes: Uint8Array) => {
    for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  };
  if (ArrayBuffer.isView(values)) {
    add(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  } else values.forEach(add);
  return sum >>> 0;
}

/** Whether all elements of `width` bytes are the same, bit for bit. */
export function isUniform(bytes: Uint8Array, width: number): boolean {
  const aligned = bytes.byteOffset % 4 === 0 && width % 4 === 0;
  const units = aligned
    ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    : bytes;
  const period = aligned ? width / 4 : width;
  for (let i = period; i < units.length; i++) {
    if (units[i] !== units[i - period]) return false;
  }
  return true;
}
