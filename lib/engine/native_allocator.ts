const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;

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
  libc.symbols.mallopt(M_MMAP_THRESHOLD, 2 ** 30);
  libc.symbols.mallopt(M_TRIM_THRESHOLD, 2 ** 31 - 1);
  libc.close();
}
