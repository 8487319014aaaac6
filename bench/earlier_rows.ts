import type { Report } from "./report.ts";
import type { RowResult } from "./row.ts";

/**
 * The rows that a run which was cut off left in its file: time on a card is short.
 *
 * @param file What it wrote; it need not be there.
 * @param of What is measured now, and on what.
 * @returns The rows that were measured, by id; none of another commit or machine.
 * @throws {SyntaxError} If the file is no report.
 */
export async function earlierRows(
  file: string,
  { commit, machine }: Pick<Report, "commit" | "machine">,
): Promise<Map<string, RowResult>> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Map();
    throw error;
  }
  let report: Report;
  try {
    report = JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(
      `Cannot go on with ${file}: it is no report. Remove it, or leave out ` +
        `--resume`,
      { cause },
    );
  }
  const { card, processor } = report.machine;
  const isSame = report.commit === commit && card === machine.card &&
    processor === machine.processor;
  return new Map(
    (isSame ? report.rows : []).filter(({ ratio }) => ratio !== null)
      .map((row) => [row.id, row]),
  );
}
