// deno-lint-ignore no-explicit-any
type Any = any;

/** What plotly takes in pixels, wherever it stands. */
const PIXELS = new Set([
  ...["thickness", "standoff", "xpad", "ypad", "xshift", "yshift"],
  ...["zerolinewidth", "arrowwidth"],
]);

/** The same where it stands in one of these. */
const PIXELS_OF: Readonly<Record<string, readonly string[]>> = {
  width: ["line", "error_x", "error_y"],
  size: ["marker"],
};

/** What is measured, told or drawn on, and has no size of its own. */
const DATA = new Set([
  ...["x", "y", "z", "customdata", "text", "name", "meta", "source"],
  ...["ticktext", "tickvals", "range", "domain"],
]);

/**
 * A part of a figure with smaller signs: fonts all of one size, and markers,
 * lines and distances scaled. Numbers that are data stay.
 *
 * @param part traces, a layout, or something in them
 * @param options
 * - `font`: the size of all fonts in pixels
 * - `scale`: of all else that is given in pixels
 */
export function shrunk<Part>(
  part: Part,
  { font, scale }: { font: number; scale: number },
): Part {
  const visit = (value: Any, key: string, parent: string): Any => {
    if (DATA.has(key)) return value;
    if (PIXELS.has(key) || PIXELS_OF[key]?.includes(parent)) {
      return Array.isArray(value)
        ? value.map((each) => scale * each)
        : scale * value;
    }
    // Plotly takes whole pixels only.
    if (key === "ticklabelstandoff") return Math.round(scale * value);
    if (Array.isArray(value)) return value.map((each) => visit(each, "", key));
    if (value === null || typeof value !== "object") return value;
    const entries = Object.entries(value)
      .map(([name, each]) => [name, visit(each, name, key)]);
    return {
      ...Object.fromEntries(entries),
      ...(/font$/.test(key) && { size: font }),
      ...(value.lenmode === "pixels" && { len: scale * value.len }),
    };
  };
  return visit(part, "", "");
}
