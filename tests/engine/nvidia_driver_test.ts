import assert from "node:assert/strict";
import { askDriver } from "ldlab/engine/nvidia_driver.ts";
import { fakeDriver, type FakeMachine, H100 } from "./fake_driver.ts";

Deno.test("askDriver() lists the cards in the driver's order", () => {
  const cards = [
    H100,
    { name: "Tesla T4", capability: [7, 5] as [number, number], bytes: 16e9 },
  ];
  assert.deepEqual(askDriver(fakeDriver({ cards })), {
    version: "12.9",
    cards,
  });
});

Deno.test("askDriver() finds the driver of containers and Windows, which the linker is not told of", () => {
  for (const folder of ["/usr/local/nvidia/lib64/", "/usr/lib/wsl/lib/"]) {
    const { cards, problem } = askDriver(fakeDriver({
      driver: [`${folder}libcuda.so.1`],
      manager: [`${folder}libnvidia-ml.so.1`],
    }));
    assert.equal(problem, undefined);
    assert.deepEqual(cards, [H100]);
  }
});

const problems: [string, FakeMachine, RegExp][] = [
  [
    "the driver",
    { driver: [] },
    /^there is no NVIDIA driver \(libcuda\.so\.1\)/,
  ],
  [
    "the driver's libraries in a container",
    { driver: [], kernelModule: true },
    /^NVIDIA's kernel module is loaded, but .* docker run --gpus all/,
  ],
  [
    "a card",
    { cards: [] },
    /^the NVIDIA driver finds no card\. See what nvidia-smi says$/,
  ],
  [
    "a card, at the start",
    { start: 100 },
    /^the NVIDIA driver finds no card\. See what nvidia-smi says$/,
  ],
  [
    "a card that is not hidden",
    { cards: [], environment: { CUDA_VISIBLE_DEVICES: "" } },
    /^the NVIDIA driver finds no card \(CUDA_VISIBLE_DEVICES is ''\)\. Correct or unset it$/,
  ],
  [
    "a card of the number that is named",
    { start: 101, environment: { CUDA_VISIBLE_DEVICES: "9" } },
    /^CUDA_VISIBLE_DEVICES names a card .*\(CUDA_VISIBLE_DEVICES is '9'\)\. Correct or unset it$/,
  ],
  ["a real driver", { start: 34 }, /the stub of a CUDA toolkit/],
  ["a restart", { start: 803 }, /Restart the machine$/],
  [
    "a reason",
    { start: 999 },
    /cuInit gives 999\)\. See what nvidia-smi says$/,
  ],
  [
    "a driver for CUDA 12",
    { version: 11_040 },
    /works with CUDA 11\.4 at most, and 12\.0 is needed\. Install driver 525/,
  ],
  ["the manager", { manager: [] }, /^the driver's library libnvidia-ml\.so\.1/],
];

for (const [what, machine, message] of problems) {
  Deno.test(`askDriver() says what to do where ${what} is missing`, () => {
    const { cards, problem } = askDriver(fakeDriver(machine));
    assert.deepEqual(cards, []);
    assert.match(problem!, message);
  });
}
