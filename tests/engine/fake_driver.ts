import type {
  DriverFunctions,
  DriverSystem,
} from "ldlab/engine/nvidia_driver.ts";

/** What a machine has; a good H100 where not said otherwise. */
export interface FakeMachine {
  /** Paths under which `libcuda.so.1` can be opened. */
  readonly driver?: readonly string[];
  /** Paths under which `libnvidia-ml.so.1` can be opened. */
  readonly manager?: readonly string[];
  /** What `cuInit` gives. */
  readonly start?: number;
  /** As `cuDriverGetVersion` gives it. */
  readonly version?: number;
  readonly cards?: readonly {
    name: string;
    capability: [number, number];
    bytes: number;
  }[];
  readonly kernelModule?: boolean;
  readonly environment?: Record<string, string>;
}

export const H100 = {
  name: "NVIDIA H100 80GB HBM3",
  capability: [9, 0] as [number, number],
  bytes: 85_029_158_912,
};

/** NVIDIA's driver of a machine that is not there. */
export function fakeDriver({
  driver = ["libcuda.so.1"],
  manager = ["libnvidia-ml.so.1"],
  start = 0,
  version = 12_090,
  cards = [H100],
  kernelModule = false,
  environment = {},
}: FakeMachine): DriverSystem {
  const int = (out: unknown, value: number) => {
    (out as Int32Array)[0] = value;
    return 0;
  };
  const functions: DriverFunctions = {
    cuInit: () => start,
    cuDriverGetVersion: (out) => int(out, version),
    cuDeviceGetCount: (out) => int(out, cards.length),
    cuDeviceGet: (out, i) => int(out, i + 40), // a device is no index
    cuDeviceGetName(out, length, device) {
      const bytes = new TextEncoder().encode(`${cards[device - 40].name}\0`);
      (out as Uint8Array).set(bytes.subarray(0, length));
      return 0;
    },
    cuDeviceGetAttribute: (out, which, device) =>
      int(out, cards[device - 40].capability[which - 75]),
    cuDeviceTotalMem_v2(out, device) {
      (out as BigUint64Array)[0] = BigInt(cards[device - 40].bytes);
      return 0;
    },
  };
  const open = (paths: readonly string[], library: string) => {
    if (!paths.includes(library)) throw new Error(`no ${library}`);
  };
  return {
    openDriver(library) {
      open(driver, library);
      return functions;
    },
    load: (library) => open(manager, library),
    read(path) {
      if (kernelModule && path === "/proc/driver/nvidia/version") return "NVRM";
      throw new Error(`no ${path}`);
    },
    environment: new Map(Object.entries(environment)),
  };
}
