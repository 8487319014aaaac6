import { type CApi, cString, type Pointer } from "./c_api.ts";

/** Numbers of `TF_Code` in tf_status.h. */
const OK = 0;
const RESOURCE_EXHAUSTED = 8;

/**
 * A `TF_Status`: what the last C call that was given it has to say.
 *
 * Calls on the main thread may share one; a call off the main thread needs its
 * own, for others may write theirs meanwhile.
 */
export class Status {
  readonly pointer: Pointer;
  readonly #api: CApi;

  constructor(api: CApi) {
    this.#api = api;
    this.pointer = api.TF_NewStatus()!;
  }

  /**
   * Throws if the last call failed, with TensorFlow's own message. The status is
   * then as new: not every call that succeeds says so.
   *
   * @param what Completes "Cannot …", for example "run MatMul".
   * @param memory Says what holds memory, for where it does not suffice.
   */
  check(what: string, memory?: () => string): void {
    const code = this.#api.TF_GetCode(this.pointer);
    if (code === OK) return;
    const message = this.message();
    this.#api.TF_SetStatus(this.pointer, OK, cString(""));
    if (code !== RESOURCE_EXHAUSTED) {
      throw new Error(`Cannot ${what}: ${message}`);
    }
    const [first] = message.split("\n"); // then hints for Python
    const held = memory === undefined ? "" : `. Meanwhile ${memory()}`;
    throw new Error(`Cannot ${what} for lack of memory: ${first}${held}`);
  }

  /** Whether the last call succeeded. */
  get ok(): boolean {
    return this.#api.TF_GetCode(this.pointer) === OK;
  }

  /** TensorFlow's message. */
  message(): string {
    const text = this.#api.TF_Message(this.pointer);
    return text === null
      ? "TensorFlow gave no message"
      : Deno.UnsafePointerView.getCString(text);
  }

  delete(): void {
    this.#api.TF_DeleteStatus(this.pointer);
  }
}
