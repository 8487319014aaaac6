/**
 * What a run has left in its folder.
 *
 * @param folder The run's own; it need not be there.
 * @returns The files' names in order, and their bytes in all.
 */
export async function runFiles(
  folder: string,
): Promise<{ names: string[]; bytes: number }> {
  const names: string[] = [];
  let bytes = 0;
  try {
    for await (const { name } of Deno.readDir(folder)) {
      names.push(name);
      bytes += (await Deno.stat(`${folder}/${name}`)).size;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return { names: names.sort(), bytes };
}
