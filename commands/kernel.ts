/** `./ldlab kernel`: the project's Deno kernel for any Jupyter of the machine. */
import { INSTALL } from "./kernel/install.ts";
import { STATUS } from "./kernel/status.ts";
import { UNINSTALL } from "./kernel/uninstall.ts";
import { runSubcommand } from "./run_subcommand.ts";

Deno.exit(
  await runSubcommand(
    "./ldlab kernel",
    "Registers the notebooks' Deno kernel with any JupyterLab or VS Code of this\n" +
      "machine, as 'ldlab (Deno)'. Without a COMMAND: status.",
    { install: INSTALL, uninstall: UNINSTALL, status: STATUS },
    Deno.args.length === 0 ? ["status"] : Deno.args,
  ),
);
