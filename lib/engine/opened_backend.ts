/** A backend that tfjs runs on now; what an engine knows of it. */
export interface OpenedBackend {
  /** What it runs on, as a sentence without its full stop. */
  readonly description: string;
  /** Of TensorFlow, or of tfjs on other backends. */
  readonly version: string;
  /** Threads that work on one op. */
  readonly threads: number;
  /** Native handles that are alive. */
  handles(): number;
  /** Frees what the backend holds, once what runs on it is done. */
  close(): Promise<void>;
}
