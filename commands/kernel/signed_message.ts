/**
 * A signed message of Jupyter's, as frames.
 *
 * Use it to ask a kernel for something; the reply's content is the last frame of
 * what it answers. See
 * https://jupyter-client.readthedocs.io/en/stable/messaging.html
 *
 * @param key The connection's.
 * @param type As `interrupt_request`.
 * @returns The frames to send.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { signedMessage } from "./signed_message.ts";
 *
 * const frames = await signedMessage("secret", "interrupt_request", {});
 * assert.equal(new TextDecoder().decode(frames[0]), "<IDS|MSG>");
 * assert.equal(frames.length, 6);
 * ```
 */
export async function signedMessage(
  key: string,
  type: string,
  content: object,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const text = new TextEncoder();
  const header = {
    msg_id: crypto.randomUUID(),
    session: crypto.randomUUID(),
    username: "ldlab",
    date: new Date().toISOString(),
    msg_type: type,
    version: "5.3",
  };
  const parts = [header, {}, {}, content]
    .map((part) => text.encode(JSON.stringify(part)));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(
    algorithm,
    await crypto.subtle.importKey("raw", text.encode(key), algorithm, false, [
      "sign",
    ]),
    await new Blob(parts).bytes(),
  );
  return [
    text.encode("<IDS|MSG>"),
    text.encode(new Uint8Array(signature).toHex()),
    ...parts,
  ];
}
