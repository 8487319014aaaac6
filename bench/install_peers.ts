import { fileURLToPath } from "node:url";
import { peerPython } from "./python_peer.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const requirements = `${folder}requirements.txt`;
const stamp = `${folder}.venv/.requirements`;

/**
 * Installs what ldlab is measured against, once, into a virtual environment of
 * its own: `bench/.venv`, about 1 GB.
 *
 * @param say Told what goes on.
 * @throws {Error} If Python or pip fails; its own words are on stderr.
 */
export async function installPeers(
  say: (message: string) => void,
): Promise<void> {
  const wanted = await Deno.readTextFile(requirements);
  if (await Deno.readTextFile(stamp).catch(() => "") === wanted) return;
  say("installing the peers into bench/.venv (about 1 GB, minutes)");
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
