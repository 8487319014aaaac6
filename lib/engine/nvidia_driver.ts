import { keepLoaded } from "./keep_loaded.ts";

/** One card, as NVIDIA's driver describes it. */
export interface Card {
  readonly name: string;
  /** Compute capability, for example `[9, 0]`. */
  readonly capability: readonly [number, number];
  /** Bytes of memory. */
  readonly bytes: number;
}

/** What the driver says: the cards, or why there are none to be used. */
export interface DriverReport {
  /** The newest CUDA that the driver works with, as `12.9`, if it says so. */
  readonly version?: string;
  /** In the order in which CUDA numbers them; none where there is a problem. */
  readonly cards: readonly Card[];
  /** What is missing or wrong, with the remedy. */
  readonly problem?: string;
}

const DRIVER = {
  cuInit: { parameters: ["u32"], result: "i32" },
  cuDriverGetVersion: { parameters: ["buffer"], result: "i32" },
  cuDeviceGetCount: { parameters: ["buffer"], result: "i32" },
  cuDeviceGet: { parameters: ["buffer", "i32"], result: "i32" },
  cuDeviceGetName: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  cuDeviceGetAttribute: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  cuDeviceTotalMem_v2: { parameters: ["buffer", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The functions of `libcuda.so.1` that are called. */
export type DriverFunctions = Deno.DynamicLibrary<typeof DRIVER>["symbols"];

/** The driver's libraries and files; what is not there throws. */
export interface DriverSystem {
  readonly openDriver: (library: string) => DriverFunctions;
  readonly load: (library: string) => void;
  /** The text of a file. */
  readonly read: (path: string) => string;
  readonly environment: Pick<Deno.Env, "get">;
}

/** Where the driver's libraries are on systems whose linker is not told. */
const FOLDERS = [
  "", // where the linker looks
  "/usr/local/nvidia/lib64/", // containers
  "/usr/lib/wsl/lib/", // Windows' Linux
  "/run/opengl-driver/lib/", // NixOS
];
/** The oldest driver that CUDA 12 works with, on Linux, and its CUDA. */
const OLDEST = { driver: "525.60.13", cuda: 12 };
const CAPABILITY_MAJOR = 75;
const CAPABILITY_MINOR = 76;

/** Codes of `CUresult` whose cause is known. */
const CAUSES: Record<number, string> = {
  34: "the libcuda.so.1 found is the stub of a CUDA toolkit. Take its folder " +
    "out of LD_LIBRARY_PATH",
  100: "the NVIDIA driver finds no card",
  101: "CUDA_VISIBLE_DEVICES names a card that is not there",
  802: "the machine's NVSwitch fabric is not ready. Start nvidia-fabricmanager",
  803: "NVIDIA's kernel module and libcuda.so.1 are of different versions. " +
    "Restart the machine",
  804: "this libcuda.so.1 does not work with this card's kernel module. Take " +
    "the folder of CUDA's compatibility libraries out of LD_LIBRARY_PATH",
};

/**
 * Asks NVIDIA's driver for its cards. Use it to say which there are, or what is
 * missing, before TensorFlow is asked, which only says that there is no card.
 *
 * Its two libraries stay loaded, so that TensorFlow finds them by name.
 *
 * @param system What to ask; default this machine.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { askDriver } from "ldlab/engine/nvidia_driver.ts";
 *
 * const { cards, problem } = askDriver();
 * assert.equal(cards.length > 0, problem === undefined);
 * ```
 */
export function askDriver(system: DriverSystem = LOCAL): DriverReport {
  const none = (problem: string, version?: string): DriverReport => ({
    version,
    cards: [],
    problem,
  });
  const driver = firstOf("libcuda.so.1", system.openDriver);
  if (driver === undefined) return none(noDriver(system));
  const code = driver.cuInit(0);
  if (code !== 0) return none(causeOf(code, system));
  const int = (call: (out: Int32Array<ArrayBuffer>) => number) => {
    const out = new Int32Array(1);
    call(out);
    return out[0];
  };
  const number = int((out) => driver.cuDriverGetVersion(out));
  const version = `${Math.floor(number / 1000)}.${
    Math.floor(number % 1000 / 10)
  }`;
  if (number < 1000 * OLDEST.cuda) {
    return none(
      `the NVIDIA driver works with CUDA ${version} at most, and ` +
        `${OLDEST.cuda}.0 is needed. Install driver ${OLDEST.driver} or newer`,
      version,
    );
  }
  const count = int((out) => driver.cuDeviceGetCount(out));
  if (count === 0) return none(causeOf(100, system), version);
  const manager = firstOf("libnvidia-ml.so.1", (library) => {
    system.load(library);
    return library;
  });
  if (manager === undefined) {
    return none(
      "the driver's library libnvidia-ml.so.1 is missing, without which " +
        "TensorFlow uses no card. Install it with the driver (in a container, " +
        "allow it the capability 'utility')",
      version,
    );
  }
  const cards = Array.from({ length: count }, (_, i): Card => {
    const device = int((out) => driver.cuDeviceGet(out, i));
    const name = new Uint8Array(256);
    driver.cuDeviceGetName(name, name.length, device);
    const bytes = new BigUint64Array(1);
    driver.cuDeviceTotalMem_v2(bytes, device);
    const attribute = (which: number) =>
      int((out) => driver.cuDeviceGetAttribute(out, which, device));
    return {
      name: new TextDecoder().decode(name.subarray(0, name.indexOf(0))),
      capability: [attribute(CAPABILITY_MAJOR), attribute(CAPABILITY_MINOR)],
      bytes: Number(bytes[0]),
    };
  });
  return { version, cards };
}

/** What `open` gives of the first place that has a library. */
function firstOf<T>(name: string, open: (library: string) => T): T | undefined {
  for (const folder of FOLDERS) {
    try {
      return open(folder + name);
    } catch {
      continue; // not there
    }
  }
}

function noDriver({ read }: DriverSystem): string {
  try {
    read("/proc/driver/nvidia/version");
  } catch {
    return "there is no NVIDIA driver (libcuda.so.1). On a machine with a " +
      "card, install NVIDIA's driver";
  }
  return "NVIDIA's kernel module is loaded, but its library libcuda.so.1 is " +
    "not to be found. Install the driver's libraries (in a container, NVIDIA's " +
    "container toolkit brings them: docker run --gpus all)";
}

function causeOf(code: number, { environment }: DriverSystem): string {
  const cause = CAUSES[code] ??
    `the NVIDIA driver does not start (cuInit gives ${code}). See what ` +
      `nvidia-smi says`;
  const visible = environment.get("CUDA_VISIBLE_DEVICES");
  if (![100, 101].includes(code)) return cause;
  return visible === undefined
    ? `${cause}. See what nvidia-smi says`
    : `${cause} (CUDA_VISIBLE_DEVICES is '${visible}'). Correct or unset it`;
}

const LOCAL: DriverSystem = {
  openDriver(library) {
    const { symbols } = Deno.dlopen(library, DRIVER);
    keepLoaded(library);
    return symbols;
  },
  load(library) {
    Deno.dlopen(library, {});
    keepLoaded(library);
  },
  read: Deno.readTextFileSync,
  environment: Deno.env,
};
