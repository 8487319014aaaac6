import assert from "node:assert/strict";
import { cString } from "ldlab/engine/c_api.ts";
import type { CardSystem } from "ldlab/engine/find_card.ts";
import { findTensorflow } from "ldlab/engine/find_tensorflow.ts";
import { loadTensorflow } from "ldlab/engine/load_tensorflow.ts";
import { startRuntime } from "ldlab/engine/start_runtime.ts";
import { H100 } from "./fake_driver.ts";

const library = loadTensorflow(findTensorflow());
const threads = { threads: 1, threadsPerOp: 1 };
const noCard: CardSystem = {
  driver: () => ({ cards: [], problem: "there is no NVIDIA driver" }),
  builtWithCuda: () => false,
  loadLibraries: () => [],
};
/** Says that all is there, though TensorFlow will find no card. */
const mistaken: CardSystem = {
  driver: () => ({ cards: [H100] }),
  builtWithCuda: () => true,
  loadLibraries: () => [],
};

/** TensorFlow, whose next context cannot be made. */
function failing(code: number, message: string): typeof library {
  const { api } = library;
  let calls = 0;
  return {
    ...library,
    api: {
      ...api,
      TFE_NewContext(options, status) {
        if (calls++ > 0) return api.TFE_NewContext(options, status);
        api.TF_SetStatus(status, code, cString(message));
        return null;
      },
    },
  };
}

Deno.test("startRuntime() takes the processor where no card can be used, and says why", () => {
  const start = (system: CardSystem) =>
    startRuntime(library, threads, "auto", undefined, system);
  for (
    const [system, why] of [[noCard, /^there is no NVIDIA driver$/], [
      mistaken,
      /^TensorFlow does not take the card \(NVIDIA H100.* TF_CPP_MIN_LOG_LEVEL=0/,
    ]] as const
  ) {
    const { runtime, device, card, missing } = start(system);
    assert.equal(device, "cpu");
    assert.equal(card, null);
    assert.match(missing!, why);
    assert.deepEqual(runtime.devices().map(({ kind }) => kind), ["CPU"]);
    assert.equal(runtime.remote, false);
    runtime.close();
  }
});

Deno.test("startRuntime() takes the processor where the card does not start, as one that is full", () => {
  const INTERNAL = 13;
  const full = () => failing(INTERNAL, "CUDA_ERROR_OUT_OF_MEMORY");
  const why = /not start on the card \(NVIDIA H100.*OUT_OF_MEMORY.*nvidia-smi/;
  const { runtime, device, missing } = startRuntime(
    full(),
    threads,
    "auto",
    undefined,
    mistaken,
  );
  assert.equal(device, "cpu");
  assert.match(missing!, why);
  runtime.close();
  assert.throws(
    () => startRuntime(full(), threads, 0, undefined, mistaken),
    why,
  );
});

Deno.test("startRuntime() says that a process has one card, where another is asked for", () => {
  const ALREADY_EXISTS = 6;
  const said =
    "TensorFlow device (GPU:0) is being mapped to multiple devices " +
    "(1 now, and 0 previously), which is not supported.";
  assert.throws(
    () =>
      startRuntime(
        failing(ALREADY_EXISTS, said),
        threads,
        1,
        undefined,
        { ...mistaken, driver: () => ({ cards: [H100, H100] }) },
      ),
    {
      message: "Cannot use gpu:1: this process computed on another card " +
        "before, and TensorFlow takes one card a process. Use gpu:1 " +
        "(NVIDIA H100 80GB HBM3) in another process",
    },
  );
});

Deno.test("startRuntime() asks for no card where the processor is asked for", () => {
  const unasked = () => assert.fail("asked for a card");
  const { runtime, device, missing } = startRuntime(
    library,
    threads,
    null,
    undefined,
    { driver: unasked, builtWithCuda: unasked, loadLibraries: unasked },
  );
  assert.deepEqual([device, missing], ["cpu", undefined]);
  runtime.close();
});

Deno.test("startRuntime() refuses a card that was asked for and cannot be used", () => {
  assert.throws(
    () => startRuntime(library, threads, 0, undefined, noCard),
    { message: "Cannot use gpu:0: there is no NVIDIA driver" },
  );
  assert.throws(
    () => startRuntime(library, threads, 1, undefined, mistaken),
    { message: /^Cannot use gpu:1: there is no gpu:1, only gpu:0 \(NVIDIA/ },
  );
});

Deno.test("startRuntime() refuses more memory than the card has", () => {
  assert.throws(
    () => startRuntime(library, threads, 0, H100.bytes + 1, mistaken),
    {
      name: "RangeError",
      message: /at most the 85029158912 bytes .* current value is 85029158913/,
    },
  );
});
