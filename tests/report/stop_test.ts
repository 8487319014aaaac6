import assert from "node:assert/strict";

/** Runs a loop that heeds the signal `runs` times, and sends Ctrl-C `stops` times. */
async function runAndStop(body: string, stops: number) {
  const program = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { stopSignal } from "${
        import.meta.resolve("ldlab/report/stop.ts")
      }";
       const pause = () => new Promise((resolve) => setTimeout(resolve, 10));
       ${body}`,
    ],
    stdout: "piped",
  }).spawn();
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of program.stdout) {
    const part = decoder.decode(chunk);
    text += part;
    if (part.includes("run") && stops-- > 0) program.kill("SIGINT");
  }
  return { text, code: (await program.status).code };
}

Deno.test("stopSignal() stops the run and is armed for the next", async () => {
  const { text, code } = await runAndStop(
    `for (let run = 0; run < 2; run++) {
       const signal = stopSignal();
       console.log("run", signal.aborted);
       while (!signal.aborted) await pause();
       console.log(signal.reason.name);
     }`,
    2,
  );
  assert.equal(
    text,
    "run false\nAbortError\nrun false\nAbortError\n",
  );
  assert.equal(code, 0);
});

Deno.test("stopSignal() lets a second Ctrl-C end a program that does not heed it", async () => {
  const { text, code } = await runAndStop(
    `stopSignal();
     for (;;) { console.log("run"); await pause(); await pause(); }`,
    2,
  );
  assert.match(text, /run/);
  assert.equal(code, 130);
});
