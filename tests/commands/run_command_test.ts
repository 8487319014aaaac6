import assert from "node:assert/strict";

/** What a program of one command does with its arguments. */
async function run(...args: string[]) {
  const program = new URL("greet.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", program, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("runCommand() prints help to standard output and exits with 0", async () => {
  const { code, stdout, stderr } = await run("--help");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^Usage: \.\/greet NAME \[options\]\n\nGreets\.\n/);
});

Deno.test("runCommand() exits with 2 and no stack where what was typed is wrong", async () => {
  for (const args of [["--loude", "Ada"], ["usage"]]) {
    const { code, stdout, stderr } = await run(...args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(
      stderr,
      /^(There is no flag --loude, did you mean --loud\?|Nobody is called that)\n\.\/greet --help says what can be typed\n$/,
    );
  }
});

Deno.test("runCommand() exits with what the body returns, or 0", async () => {
  assert.deepEqual(await run("Ada", "--loud"), {
    code: 0,
    stdout: "ADA\n",
    stderr: "",
  });
  assert.equal((await run("seven")).code, 7);
});

Deno.test("runCommand() shows a stack only where the message does not say what to do", async () => {
  assert.deepEqual(await run("explained"), {
    code: 1,
    stdout: "",
    stderr: "Cannot greet: nobody is there\n",
  });
  assert.deepEqual(await run("stopped"), {
    code: 130,
    stdout: "",
    stderr: "Stopped\n",
  });
  assert.deepEqual(await run("unread"), { code: 141, stdout: "", stderr: "" });
  const { code, stderr } = await run("broken");
  assert.equal(code, 1);
  assert.match(stderr, /^TypeError: it is broken\n\s+at /);
});
