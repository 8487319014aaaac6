import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runProgram } from "./execute.ts";

// Jupyter's own client, as nothing else sends what the Stop button sends.
const client = `
import sys
from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name="deno", cwd=sys.argv[1])

def run(code, interrupt=False):
    printed = []
    def hook(message):
        if message["msg_type"] != "stream":
            return
        text = message["content"]["text"]
        printed.append(text)
        if interrupt and "running" in text:
            manager.interrupt_kernel()
    client.execute_interactive(code, timeout=30, output_hook=hook)
    return "".join(printed)

loop = '''
{
  const signal = stopSignal();
  let steps = 0;
  console.log("running");
  while (!signal.aborted && steps < 500) {
    steps++;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  kept += steps < 500 ? 1 : 0;
  console.log(signal.reason.name);
  await new Promise((resolve) => setTimeout(resolve, 20));
}
'''
try:
    run('import { stopSignal } from "../lib/report/mod.ts"; let kept = 0; stopSignal();')
    print(run(loop, interrupt=True), end="")
    manager.interrupt_kernel()  # idle: the next run must not be stopped by it
    print(run(loop, interrupt=True), end="")
    print(run('console.log("stopped", kept); await new Promise((r) => setTimeout(r, 20));'), end="")
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
`;

Deno.test("stopSignal() stops a cell and keeps the kernel when Stop is pressed", async () => {
  const notebooks = fileURLToPath(new URL("../../notebooks/", import.meta.url));
  const printed = await runProgram("python", ["-c", client, notebooks]);
  assert.equal(
    printed.trim().replaceAll(/\s*\n/g, "\n"),
    ["running", "AbortError", "running", "AbortError", "stopped 2"].join("\n"),
  );
});
