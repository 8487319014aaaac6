/** Starts the project's JupyterLab on a folder, apart from the user's own. */
import { environmentProgram } from "../notebooks/execute.ts";

/** A running JupyterLab. */
export interface JupyterLab {
  /** The address of a notebook in the folder, with the token. */
  address(notebook: string): string;
  close(): Promise<void>;
}

/**
 * Starts JupyterLab on `folder`; resolves when it answers.
 *
 * @param environment More variables for it and its kernels.
 */
export async function startJupyterLab(
  folder: string,
  environment: Record<string, string> = {},
): Promise<JupyterLab> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const token = crypto.randomUUID();
  const own = await Deno.makeTempDir({ prefix: "ldlab-lab-" });
  await Deno.mkdir(`${own}/config/labconfig`, { recursive: true });
  // Its question about news would lie over the page.
  await Deno.writeTextFile(
    `${own}/config/labconfig/page_config.json`,
    JSON.stringify({
      disabledExtensions: {
        "@jupyterlab/apputils-extension:announcements": true,
      },
    }),
  );
  const log = await Deno.open(`${own}/log`, { write: true, create: true });
  const process = new Deno.Command(environmentProgram("jupyter"), {
    args: [
      "lab",
      "--no-browser",
      "--allow-root",
      "--ServerApp.ip=127.0.0.1",
      `--ServerApp.port=${port}`,
      "--ServerApp.port_retries=0",
      `--IdentityProvider.token=${token}`,
      `--ServerApp.root_dir=${folder}`,
    ],
    env: {
      LDLAB_SCALE: "smoke",
      JUPYTER_CONFIG_DIR: `${own}/config`,
      JUPYTER_DATA_DIR: `${own}/data`,
      JUPYTER_RUNTIME_DIR: `${own}/runtime`,
      JUPYTERLAB_SETTINGS_DIR: `${own}/settings`,
      JUPYTERLAB_WORKSPACES_DIR: `${own}/workspaces`,
      ...environment,
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const logged = process.stderr.pipeTo(log.writable);
  const close = async () => {
    const end = setTimeout(() => process.kill("SIGKILL"), 10_000);
    process.kill("SIGTERM");
    await process.status;
    clearTimeout(end);
    await logged;
    await Deno.remove(own, { recursive: true });
  };
  const base = `http://127.0.0.1:${port}`;
  for (let tries = 0;; tries++) {
    const up = await fetch(`${base}/api/status?token=${token}`)
      .then(async (response) => {
        await response.body?.cancel();
        return response.ok;
      }, () => false);
    if (up) break;
    if (tries === 150) {
      const text = await Deno.readTextFile(`${own}/log`);
      await close();
      throw new Error(`JupyterLab did not start within 30 s:\n${text}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    // A workspace each: it would open again what was open in it before.
    address: (notebook) =>
      `${base}/lab/workspaces/${crypto.randomUUID()}/tree/${notebook}?token=${token}`,
    close,
  };
}
