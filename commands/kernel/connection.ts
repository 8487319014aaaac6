/** What Jupyter says about a kernel in its connection file, as far as it is used. */
export interface Connection {
  readonly ip: string;
  /** What messages are signed with. */
  readonly key: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly control_port: number;
}
