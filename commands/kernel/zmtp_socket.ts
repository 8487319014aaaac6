/** Frames as ZMTP 3.0 has them: https://rfc.zeromq.org/spec/23/ */
const MORE = 1;
const LONG = 2;
const COMMAND = 4;

/**
 * A client's end of a ZeroMQ connection over TCP.
 *
 * Use it to talk to a kernel that runs on this machine, as Jupyter does: `DEALER`
 * for its shell and control ports, `SUB` for its outputs. Without encryption and
 * without reconnecting.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ZmtpSocket } from "./zmtp_socket.ts";
 *
 * const nobody = ZmtpSocket.connect("127.0.0.1", 1, "DEALER");
 * await assert.rejects(nobody, Deno.errors.ConnectionRefused);
 * ```
 */
export class ZmtpSocket {
  readonly #connection: Deno.TcpConn;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /**
   * Connects and shakes hands.
   *
   * @throws {Error} If nothing listens there, or it hangs up.
   */
  static async connect(
    hostname: string,
    port: number,
    type: "DEALER" | "SUB",
  ): Promise<ZmtpSocket> {
    const connection = await Deno.connect({ hostname, port });
    connection.setNoDelay(true);
    const socket = new ZmtpSocket(connection);
    try {
      await socket.#greet(type);
    } catch (error) {
      socket.close();
      throw error;
    }
    return socket;
  }

  /** Sends one message. */
  async send(frames: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    const parts = frames.flatMap((frame, index) => {
      const head = new Uint8Array(9);
      head[0] = LONG | (index < frames.length - 1 ? MORE : 0);
      new DataView(head.buffer).setBigUint64(1, BigInt(frame.length));
      return [head, frame];
    });
    await this.#write(parts);
  }

  /**
   * The next message, when there is one. Ask for one at a time.
   *
   * @throws {Error} If the other end hangs up, or this one is closed.
   */
  async receive(): Promise<Uint8Array<ArrayBuffer>[]> {
    const frames: Uint8Array<ArrayBuffer>[] = [];
    for (let flags = MORE; flags & MORE;) {
      [flags] = await this.#read(1);
      const length = flags & LONG
        ? Number(new DataView((await this.#read(8)).buffer).getBigUint64(0))
        : (await this.#read(1))[0];
      frames.push(await this.#read(length));
    }
    return frames;
  }

  /** Hangs up. */
  close(): void {
    this.#connection.close();
  }

  async #greet(type: string): Promise<void> {
    const text = new TextEncoder();
    // Signature, version 3.0, no security, as client.
    const greeting = new Uint8Array(64);
    greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0]);
    greeting.set(text.encode("NULL"), 12);
    await this.#write([greeting]);
    await this.#read(64);
    const [ready, property, value] = ["READY", "Socket-Type", type]
      .map((name) => text.encode(name));
    const body = [
      ...[ready.length, ...ready],
      ...[property.length, ...property],
      ...[0, 0, 0, value.length, ...value],
    ];
    await this.#write([new Uint8Array([COMMAND, body.length, ...body])]);
    await this.receive(); // its READY
  }

  async #write(parts: Uint8Array<ArrayBuffer>[]): Promise<void> {
    const bytes = await new Blob(parts).bytes();
    for (let at = 0; at < bytes.length;) {
      at += await this.#connection.write(bytes.subarray(at));
    }
  }

  async #read(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const read = await this.#connection.read(bytes.subarray(at));
      if (read === null) throw new Error("Cannot read on: the kernel hung up");
      at += read;
    }
    return bytes;
  }
}
