/** The kernel that `./ldlab kernel install` registers, in Jupyter's own hands. */
import assert from "node:assert/strict";
import { runProgram } from "./execute.ts";
import { registerKernel } from "./register_kernel.ts";

// Jupyter's own client, as nothing else sends what the Stop button sends.
const client = `
import json, sys, threading, time
from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name="ldlab", cwd=sys.argv[1])

def run(code, presses=()):
    """What a cell gave. Stop is pressed so many seconds after "running"."""
    given = []
    def press():
        for seconds in presses:
            time.sleep(seconds)
            manager.interrupt_kernel()
    def hook(message):
        content = message["content"]
        if message["msg_type"] == "stream":
            given.append(content["text"].strip())
            if "running" in content["text"]:
                threading.Thread(target=press, daemon=True).start()
        elif message["msg_type"] == "execute_result":
            given.append(content["data"]["text/plain"])
        elif message["msg_type"] == "error":
            given.append(content["evalue"])
    reply = client.execute_interactive(code, timeout=30, output_hook=hook)
    return [*given, reply["content"]["status"]]

try:
    for cell in json.load(open(sys.argv[2])):
        print(json.dumps(run(**cell)), flush=True)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
`;

interface TypedCell {
  code: string;
  presses?: number[];
}

/** What each cell gives in turn, its status last, in one kernel. */
async function giveCells(
  folder: string,
  data: string,
  cells: TypedCell[],
): Promise<string[][]> {
  const input = `${data}/cells.json`;
  await Deno.writeTextFile(input, JSON.stringify(cells));
  const printed = await runProgram("python", [
    ...["-c", client, folder, input],
  ], { JUPYTER_DATA_DIR: data, NO_COLOR: "1" });
  return printed.trim().split("\n").map((line) => JSON.parse(line));
}

/** Registers the kernel; gives a notebook's folder and Jupyter's. */
async function withKernel(
  body: (folder: string, data: string) => Promise<void>,
): Promise<void> {
  const own = await Deno.makeTempDir({ prefix: "ldlab-kernel-" });
  try {
    const folder = `${own}/it's "a" $HOME`; // what a shell could stumble over
    await Deno.mkdir(folder);
    await registerKernel(own);
    await body(folder, own);
  } finally {
    await Deno.remove(own, { recursive: true });
  }
}

Deno.test("the kernel ldlab imports the project in a folder elsewhere, reads files there, and keeps its variables when Stop is pressed", () =>
  withKernel(async (folder, data) => {
    await Deno.writeTextFile(`${folder}/values.json`, "[1, 2]");
    await Deno.writeTextFile(
      `${folder}/own.ts`,
      `import { runTable } from "experiments/mod.ts"; export const own = typeof runTable;`,
    );
    const polls = `
      console.log("running");
      const signal = stopSignal();
      for (let i = 0; !signal.aborted && i < 500; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      console.log(signal.reason.name);`;
    const given = await giveCells(folder, data, [
      { code: `Deno.cwd() === ${JSON.stringify(folder)}` },
      {
        code: `let kept = 1;
          console.log("running");
          await new Promise((resolve) => setTimeout(resolve, 600));
          kept++`,
        presses: [0.1, 0.2],
      },
      {
        code: `import { runTable } from "experiments/mod.ts";
          import { inJupyter, stopSignal } from "ldlab/report/mod.ts";
          import { own } from "./own.ts";
          [typeof runTable, own, inJupyter()].join()`,
      },
      { code: `JSON.parse(await Deno.readTextFile("values.json")).at(-1)` },
      { code: `{${polls}}`, presses: [0.1] },
      { code: `{${polls}}`, presses: [0.1] },
      {
        // The cell cannot hear: the second press breaks it off. The third is for
        // a machine so busy that the first comes before the loop.
        code: `console.log("running");
          await new Promise((resolve) => setTimeout(resolve, 50));
          while (true);`,
        presses: [0.3, 1.2, 1.2],
      },
      { code: "kept" },
    ]);
    assert.deepEqual(given, [
      ["true", "ok"],
      ["running", "1", "ok"],
      [`"function,function,true"`, "ok"],
      ["2", "ok"],
      ["running", "AbortError", "ok"],
      ["running", "AbortError", "ok"],
      ["running", "error"],
      ["2", "ok"],
    ]);
  }));

Deno.test("the kernel ldlab loses no output", () =>
  withKernel(async (folder, data) => {
    const lines = Array.from({ length: 30 }, (_, index) => `${index}`);
    const logs = `for (let i = 0; i < 30; i++) console.log(i); "last"`;
    const given = await giveCells(
      folder,
      data,
      Array.from({ length: 20 }, () => ({ code: logs })),
    );
    assert.equal(given.length, 20);
    // Deno's own kernel lost some of more than half of such cells.
    for (const cell of given) {
      assert.deepEqual(cell, [...lines, `"last"`, "ok"]);
    }
  }));
