/** `deno run -A unpack.ts FROM TO`, as unpack.sh calls it. */
import { unpackParts } from "./unpack_parts.ts";

const [from, to] = Deno.args;
try {
  await unpackParts(from, to, {
    say: (message) => console.error(`unpack: ${message}`),
  });
} catch (error) {
  const message = error instanceof Error ? error.message : `${error}`;
  console.error(
    message.startsWith("Cannot ") ? message : `Cannot unpack: ${message}`,
  );
  Deno.exit(1);
}
