import { dirname } from "node:path";
import type { Component } from "./entry.ts";

/**
 * Writes a bundle as a folder that runs wherever it lies.
 *
 * @param components What goes in.
 * @param folder Where to; it exists and is empty.
 * @param onComponent Told of each component when it is written.
 */
export async function writeFolder(
  components: readonly Component[],
  folder: string,
  onComponent: (component: Component) => void = () => {},
): Promise<void> {
  const made = new Set<string>();
  for (const component of components) {
    for (const entry of component.entries) {
      const path = `${folder}/${entry.path}`;
      if (!made.has(dirname(path))) {
        await Deno.mkdir(dirname(path), { recursive: true });
        made.add(dirname(path));
      }
      if (entry.kind === "link") await Deno.symlink(entry.target, path);
      else {
        const mode = entry.executable ? 0o755 : 0o644;
        const file = await Deno.open(path, {
          write: true,
          createNew: true,
          mode,
        });
        await ReadableStream.from(entry.open()).pipeTo(file.writable);
      }
    }
    onComponent(component);
  }
}
