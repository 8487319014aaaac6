import assert from "node:assert/strict";
import type { CardSystem } from "ldlab/engine/find_card.ts";
import { usableCard } from "ldlab/engine/usable_card.ts";
import { H100 } from "./fake_driver.ts";

const complete: CardSystem = {
  driver: () => ({ version: "12.9", cards: [H100] }),
  builtWithCuda: () => true,
  loadLibraries: () => [],
};

Deno.test("usableCard() is the card that an engine would take", () => {
  assert.equal(usableCard("auto", complete), H100);
  assert.equal(usableCard("gpu:0", complete), H100);
});

Deno.test("usableCard() is none where the engine takes the processor, or fails", () => {
  const asked: string[] = [];
  const unasked = () => {
    asked.push("something");
    return assert.fail();
  };
  const nothing = {
    driver: unasked,
    builtWithCuda: unasked,
    loadLibraries: unasked,
  };
  assert.equal(usableCard("cpu", nothing), null);
  assert.equal(usableCard("gpu:1", complete), null);
  assert.equal(usableCard("cuda", complete), null);
  const noDriver = { cards: [], problem: "there is no NVIDIA driver" };
  // Without a driver TensorFlow is not loaded.
  assert.equal(
    usableCard("auto", { ...nothing, driver: () => noDriver }),
    null,
  );
  assert.deepEqual(asked, []);
  const broken = () => {
    throw new Error("Cannot find TensorFlow");
  };
  assert.equal(
    usableCard("auto", { ...complete, builtWithCuda: broken }),
    null,
  );
});

Deno.test("usableCard() follows LDLAB_DEVICE", () => {
  const former = Deno.env.get("LDLAB_DEVICE");
  try {
    Deno.env.set("LDLAB_DEVICE", "cpu");
    assert.equal(usableCard(undefined, complete), null);
    Deno.env.set("LDLAB_DEVICE", "");
    assert.equal(usableCard(undefined, complete), H100);
  } finally {
    if (former === undefined) Deno.env.delete("LDLAB_DEVICE");
    else Deno.env.set("LDLAB_DEVICE", former);
  }
});
