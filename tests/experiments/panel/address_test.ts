import assert from "node:assert/strict";
import { panelAddress } from "../../../experiments/panel/address.ts";

Deno.test("panelAddress() fills in the port and adds the token, at a host or under a path", () => {
  const own = panelAddress("http://127.0.0.1:{port}/");
  assert.equal(own.of(80, "ab"), "http://127.0.0.1:80/?panel_token=ab");
  assert.ok(own.hosts(8000)!.includes("127.0.0.1:8000"));
  const hub = panelAddress("https://hub.org/user/ann/proxy/{port}/");
  assert.equal(
    hub.of(8000, "ab"),
    "https://hub.org/user/ann/proxy/8000/?panel_token=ab",
  );
  assert.deepEqual(hub.hosts(8000), [
    "127.0.0.1:8000",
    "localhost:8000",
    "hub.org",
  ]);
  const path = panelAddress("/user/ann/proxy/{port}/");
  assert.equal(path.of(8000, "ab"), "/user/ann/proxy/8000/?panel_token=ab");
  assert.equal(path.hosts(8000), null); // the notebook's own, whatever it is
});

Deno.test("panelAddress() refuses what its page could not be found at", () => {
  for (
    const bad of [
      "",
      "127.0.0.1:{port}/",
      "http://127.0.0.1:8000/", // whatever the port is
      "/proxy/{port}", // relative addresses would leave it
      "//evil.org/{port}/",
      "ftp://hub.org/{port}/",
      "javascript:{port}/",
      "/proxy/{port}/?a=/",
    ]
  ) {
    assert.throws(() => panelAddress(bad), {
      name: "RangeError",
      message:
        "Cannot open the panel: address must be like 'http://127.0.0.1:{port}/' " +
        `or '/user/NAME/proxy/{port}/': current value is '${bad}'`,
    });
  }
});
