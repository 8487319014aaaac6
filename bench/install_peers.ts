import { fileURLToPath } from "node:url";
import { peerPython } from "./python_peer.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const stamp = `${folder}.venv/.requirements`;

/**
 * Installs what ldlab is measured against, once, into a virtual environment of
 * its own: `bench/.venv`, about 1 GB, or 6 GB with PyTorch for cards. Where
 * `LDLAB_BENCH_PYTHON` names a Python, that has to have it all.
 *
 * @param say Told what goes on.
 * @param device What they are to run on.
 * @throws {Error} If Python or pip fails; its own words are on stderr.
 */
export async function installPeers(
  say: (message: string) => void,
  device: "cpu" | "gpu" = "cpu",
): Promise<void> {
  if (Deno.env.get("LDLAB_BENCH_PYTHON")) return;
  const requirements = `${folder}requirements${
    device === "gpu" ? "-cuda" : ""
  }.txt`;
  const wanted = await Deno.readTextFile(requirements);
  if (await Deno.readTextFile(stamp).catch(() => "") === wanted) return;
  say("installing the peers into bench/.venv (gigabytes, minutes)");
  await run("python3", "-m", "venv", "--clear", `${folder}.venv`);
  await run(
    peerPython,
    ...["-m", "pip", "--disable-pip-version-check", "install", "--quiet"],
    ...["--retries", "1", "--timeout", "30", "-r", requirements],
  );
  await Deno.writeTextFile(stamp, wanted);
}

async function run(command: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(command, {
    args,
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`'${command} ${args.join(" ")}' failed`);
}
