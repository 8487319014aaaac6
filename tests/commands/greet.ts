/** A program that ends as its argument says. */
import { runCommand } from "../../commands/run_command.ts";
import { UsageError } from "../../commands/usage_error.ts";

const ends: Readonly<Record<string, Error>> = {
  usage: new UsageError("Nobody is called that"),
  explained: new RangeError("Cannot greet: nobody is there"),
  stopped: new DOMException("Stopped", "AbortError"),
  broken: new TypeError("it is broken"),
  unread: new Deno.errors.BrokenPipe("Broken pipe"),
};

Deno.exit(
  await runCommand(
    {
      name: "./greet",
      about: "Greets.",
      positionals: { name: { about: "Whom." } },
      flags: { loud: { kind: "switch", about: "In capitals." } },
    },
    Deno.args,
    ({ name, loud }) => {
      if (Object.hasOwn(ends, name)) throw ends[name];
      if (name === "seven") return 7;
      console.log(loud ? name.toUpperCase() : name);
    },
  ),
);
