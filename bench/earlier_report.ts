import type { Report } from "./report.ts";

/** Rows and figures that were measured. */
export type EarlierReport = Pick<Report, "rows" | "figures">;

/**
 * What a run that was cut off left in its file: time on a card is short.
 *
 * @param file What it wrote; it need not be there.
 * @param of What is measured now, and on what.
 * @returns What was measured; nothing of another commit or machine.
 * @throws {SyntaxError} If the file is no report.
 */
export async function earlierReport(
  file: string,
  { commit, machine }: Pick<Report, "commit" | "machine">,
): Promise<EarlierReport> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NOTHING;
    throw error;
  }
  try {
    const report: Report = JSON.parse(text);
    const { card, processor } = report.machine;
    const isSame = report.commit === commit && card === machine.card &&
      processor === machine.processor;
    if (!isSame) return NOTHING;
    return {
      rows: report.rows.filter(({ ratio }) => ratio !== null),
      figures: report.figures.filter(({ value }) => value !== null),
    };
  } catch (cause) {
    throw new SyntaxError(
      `Cannot go on with ${file}: it is no report. Remove it, or leave out ` +
        `--resume`,
      { cause },
    );
  }
}

const NOTHING: EarlierReport = { rows: [], figures: [] };
