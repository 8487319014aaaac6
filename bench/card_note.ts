import { cardMemory, gibibytes } from "./card_memory.ts";
import type { PeerProcess } from "./peer_process.ts";

/**
 * What a row on a card tells beside its times: how long the first step took, and
 * the memory of the card.
 *
 * @param starts Milliseconds of the first step, ours and the peer's.
 * @param peer Has a method `memory`: bytes that it has held at most.
 */
export async function cardNote(
  [ours, theirs]: readonly number[],
  peer: Pick<PeerProcess, "call">,
): Promise<string> {
  return `first step ${seconds(ours)}, PyTorch's ${seconds(theirs)} once ` +
    `tuned; memory since the first row ${await cardMemory(Deno.pid)}, ` +
    `PyTorch's ${gibibytes(await peer.call<number>("memory"))}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
