import assert from "node:assert/strict";
import { CUDA_LIBRARIES } from "ldlab/engine/cuda_libraries.ts";
import { type CardSystem, findCard } from "ldlab/engine/find_card.ts";
import { H100 } from "./fake_driver.ts";

/** Everything is there; notes what is asked. */
function complete(asked: string[] = []): CardSystem {
  const note = <T>(what: string, answer: T) => () => {
    asked.push(what);
    return answer;
  };
  return {
    driver: note("driver", { version: "12.9", cards: [H100] }),
    builtWithCuda: note("TensorFlow", true),
    loadLibraries: note("libraries", []),
  };
}

Deno.test("findCard() finds a card for which all is there", () => {
  assert.deepEqual(findCard(0, complete()), { card: H100 });
});

Deno.test("findCard() says what the driver lacks, and loads nothing", () => {
  const asked: string[] = [];
  const system = complete(asked);
  const problem = "the NVIDIA driver finds no card";
  assert.deepEqual(
    findCard(0, { ...system, driver: () => ({ cards: [], problem }) }),
    { problem },
  );
  assert.deepEqual(asked, []);
});

Deno.test("findCard() says which cards there are where another is asked for", () => {
  assert.deepEqual(findCard(1, complete()), {
    problem: "there is no gpu:1, only gpu:0 (NVIDIA H100 80GB HBM3)",
  });
});

Deno.test("findCard() refuses a card that is too old, and takes the oldest that is not", () => {
  const cards = (major: number, minor: number) => ({
    ...complete(),
    driver: () => ({
      cards: [{ name: "GTX", capability: [major, minor] as const, bytes: 4e9 }],
    }),
  });
  assert.equal(
    findCard(0, cards(5, 2)).problem,
    "gpu:0 (GTX) is too old: it has the compute capability 5.2, and " +
      "TensorFlow needs 6.0 or higher",
  );
  assert.equal(findCard(0, cards(6, 0)).problem, undefined);
});

Deno.test("findCard() says how to get the TensorFlow for cards, and loads nothing for the other", () => {
  const asked: string[] = [];
  const system = { ...complete(asked), builtWithCuda: () => false };
  assert.equal(
    findCard(0, system).problem,
    "gpu:0 (NVIDIA H100 80GB HBM3) is there, but the TensorFlow that is " +
      "installed works on processors only. Run ./ldlab setup --cuda",
  );
  assert.deepEqual(asked, ["driver"]);
});

for (const library of CUDA_LIBRARIES) {
  Deno.test(`findCard() names ${library.name} where it is missing`, () => {
    const why = "cannot open shared object file";
    const system = {
      ...complete(),
      loadLibraries: () => [{ ...library, why }],
    };
    assert.equal(
      findCard(0, system).problem,
      "TensorFlow cannot use gpu:0 (NVIDIA H100 80GB HBM3) without " +
        `${library.name} of ${library.wheel} (${why}). Run ./ldlab setup --cuda`,
    );
  });
}
