const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
/** The second is the most that glibc took before 2.35. */
const MMAP_THRESHOLDS = [2 ** 30, 2 ** 25];

/**
 * Makes the process keep the memory that TensorFlow frees, for the next tensor.
 *
 * The C library's allocator gives large blocks back to the system at once, and
 * the system clears the pages of the next one: a step that makes and frees
 * hundreds of activations spent a sixth of its time on that. What was once needed
 * stays with the process; the peak is the same. Where the C library is another
 * than glibc, nothing changes.
 *
 * @see man mallopt
 */
export function keepFreedMemory(): void {
  let libc;
  try {
    libc = Deno.dlopen("libc.so.6", {
      mallopt: { parameters: ["i32", "i32"], result: "i32" },
    });
  } catch {
    return;
  }
  setThresholds(libc.symbols.mallopt);
  libc.close();
}

/**
 * Sets how large a block has to be to go back to the system: as large as the C
 * library lets it. Where it takes no threshold it is left as it is; one setting
 * alone would make it give back more than before.
 *
 * @param mallopt Sets a parameter of the allocator; 0 where it refuses the value.
 */
export function setThresholds(
  mallopt: (parameter: number, value: number) => number,
): void {
  const taken = MMAP_THRESHOLDS.some((bytes) =>
    mallopt(M_MMAP_THRESHOLD, bytes) === 1
  );
  if (taken) mallopt(M_TRIM_THRESHOLD, 2 ** 31 - 1);
}
