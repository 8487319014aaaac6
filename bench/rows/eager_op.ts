import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { buildAddOn } from "../build_add_on.ts";
import { startPeerProcess } from "../peer_process.ts";
import type { Pair, Row } from "../row.ts";

const script = fileURLToPath(new URL("../peers/eager_op.ts", import.meta.url));

/** The way from tfjs to TensorFlow and back. */
export const eagerOpRow: Row = {
  id: "eager-op",
  work: "one small eager op",
  peer: "tfjs-node's C++ add-on in Deno",
  limit: 1.2,
  prepare,
};

async function prepare(): Promise<Pair> {
  const addOn = await buildAddOn();
  const ours = await start(null);
  try {
    const peer = await start(addOn);
    try {
      assert.deepEqual(await ours.call("result"), await peer.call("result"));
    } catch (error) {
      await peer.close();
      throw error;
    }
    return {
      ours,
      peer,
      note:
        "tf.add of two tensors of 4 and dispose, mean of 20,000; each side " +
        "in a fresh Deno process, on the same TensorFlow",
    };
  } catch (error) {
    await ours.close();
    throw error;
  }
}

function start(addOn: string | null) {
  const command = Deno.execPath();
  // Type checking is left to `deno check`.
  const args = ["run", "-A", "--no-check", script];
  return startPeerProcess("eager_op", { command, args }, { addOn });
}
