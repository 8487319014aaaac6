import { timingSafeEqual } from "node:crypto";

/** A request that is refused, and what its sender is told. */
export class RefusedRequest extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Refuses requests that are not of the panel's own page: without its token, or
 * meant for another host or sent by another page, as one that has a name of its own
 * point to this machine (DNS rebinding).
 *
 * @param request Its token is the header `x-panel-token`, or `panel_token` of the
 * address. (Jupyter's own servers take `token` and `authorization` for theirs.)
 * @param options.token The panel's.
 * @param options.hosts Hosts that are the panel's; `null` for any.
 * @throws {RefusedRequest} If it is refused.
 */
export function guardRequest(
  request: Request,
  { token, hosts }: { token: string; hosts: readonly string[] | null },
): void {
  const given = request.headers.get("x-panel-token") ??
    new URL(request.url).searchParams.get("panel_token");
  if (given === null || !isEqual(given, token)) {
    throw new RefusedRequest(
      401,
      `Cannot answer: the panel's token is ${
        given === null ? "missing" : "another one"
      }: use the address that the panel's cell shows, or run the cell again`,
    );
  }
  if (hosts === null) return;
  const { host } = Object.fromEntries(request.headers);
  const origin = request.headers.get("origin");
  for (
    const [what, value] of [
      ["Host", host],
      ["Origin", origin === null ? undefined : hostOf(origin)],
    ]
  ) {
    if (value === undefined || hosts.includes(value)) continue;
    throw new RefusedRequest(
      403,
      `Cannot answer: ${what} must be ${
        hosts.join(" or ")
      }: current value is '${value}'. ` +
        "Behind a proxy, give the panel its address",
    );
  }
}

/** The host of an origin; `null`, which sandboxed pages send, is none. */
function hostOf(origin: string): string {
  return URL.parse(origin)?.host ?? origin;
}

function isEqual(a: string, b: string): boolean {
  const [one, other] = [a, b].map((text) => new TextEncoder().encode(text));
  return one.length === other.length && timingSafeEqual(one, other);
}
