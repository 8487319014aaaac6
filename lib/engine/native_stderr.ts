/**
 * Runs `load` while the process's standard error goes nowhere.
 *
 * TensorFlow prints a line on oneDNN while it is loaded, before any of its log
 * settings are heard. Where the C library cannot be reached, the line is shown.
 */
export function withoutNativeStderr<T>(load: () => T): T {
  let libc;
  try {
    libc = Deno.dlopen("libc.so.6", {
      dup: { parameters: ["i32"], result: "i32" },
      dup2: { parameters: ["i32", "i32"], result: "i32" },
      open: { parameters: ["buffer", "i32"], result: "i32" },
      close: { parameters: ["i32"], result: "i32" },
    });
  } catch {
    return load();
  }
  const { dup, dup2, open, close } = libc.symbols;
  const STDERR = 2;
  const WRITE_ONLY = 1;
  const kept = dup(STDERR);
  const nowhere = open(new TextEncoder().encode("/dev/null\0"), WRITE_ONLY);
  try {
    if (kept >= 0 && nowhere >= 0) dup2(nowhere, STDERR);
    return load();
  } finally {
    if (kept >= 0) {
      dup2(kept, STDERR);
      close(kept);
    }
    if (nowhere >= 0) close(nowhere);
    libc.close();
  }
}
