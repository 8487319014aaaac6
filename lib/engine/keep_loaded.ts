const RTLD_LAZY = 1;
const RTLD_NODELETE = 0x1000;
/** Where `dlopen` is: in the C library since glibc 2.34. */
const LINKERS = ["libc.so.6", "libdl.so.2"];

/**
 * Makes a loaded library stay until the process is gone. Deno unloads its
 * libraries when it ends, which TensorFlow, and CUDA's libraries under it, do not
 * survive where no context is open.
 *
 * @param library As it was loaded, by path or name.
 */
export function keepLoaded(library: string): void {
  for (const linker of LINKERS) {
    try {
      const { symbols } = Deno.dlopen(linker, {
        dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
      });
      const name = new TextEncoder().encode(`${library}\0`);
      symbols.dlopen(name, RTLD_LAZY | RTLD_NODELETE);
      return;
    } catch {
      continue; // of another C library, which may have no such flag
    }
  }
}
