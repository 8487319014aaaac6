/** Where a panel's page is reached, as `address` of its options says. */
export interface PanelAddress {
  /** The address of a server at a port, with its token. */
  of(port: number, token: string): string;
  /**
   * The hosts that requests may be meant for, as `localhost:8000`; `null` where
   * they cannot be known, behind a path of the notebook's own server.
   */
  hosts(port: number): readonly string[] | null;
}

/**
 * Reads where a panel's page is reached: at the machine itself, or through a proxy
 * that hands on a path, such as jupyter-server-proxy.
 *
 * @param template The address of the panel with `{port}` in place of its port, a
 * slash at its end: `http://127.0.0.1:{port}/`, or a path of the notebook's own
 * server as `/user/NAME/proxy/{port}/`.
 * @throws {RangeError} If it is no such address.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { panelAddress } from "./address.ts";
 * const address = panelAddress("/user/ann/proxy/{port}/");
 * assert.equal(address.of(8000, "abc"), "/user/ann/proxy/8000/?panel_token=abc");
 * ```
 */
export function panelAddress(template: string): PanelAddress {
  const isPath = /^\/(?!\/)/.test(template);
  const url = URL.parse(
    template.replaceAll("{port}", "1"),
    isPath ? "http://127.0.0.1" : undefined,
  );
  const isRight = url !== null && /^https?:$/.test(url.protocol) &&
    template.includes("{port}") && template.endsWith("/") &&
    url.search === "" && url.hash === "";
  if (!isRight) {
    throw new RangeError(
      "Cannot open the panel: address must be like 'http://127.0.0.1:{port}/' or " +
        `'/user/NAME/proxy/{port}/': current value is '${template}'`,
    );
  }
  const at = (port: number) => template.replaceAll("{port}", `${port}`);
  return {
    of: (port, token) => `${at(port)}?panel_token=${token}`,
    hosts: (port) =>
      isPath
        ? null
        : [`127.0.0.1:${port}`, `localhost:${port}`, new URL(at(port)).host],
  };
}
