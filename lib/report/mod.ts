/**
 * Results as tables and figures: models, writers, export, notebook output and
 * progress. Needs nothing but plain records and arrays.
 *
 * @module
 */
export * from "./ap_over_epochs.ts";
export * from "./ap_over_iou.ts";
export * from "./ap_over_temperature.ts";
export type { BoxMotion, MovingLoss } from "./box_motion.ts";
export * from "./browser.ts";
export * from "./download_line.ts";
export * from "./edge_distributions.ts";
export type { EdgeExample } from "./edge_example.ts";
export * from "./edge_gallery.ts";
export type { GalleryEdge } from "./edge_tile.ts";
export * from "./error_map.ts";
export * from "./event_file.ts";
export * from "./export.ts";
export * from "./figure.ts";
export * from "./figure_text.ts";
export * from "./find_browser.ts";
export * from "./gain_over_ap.ts";
export * from "./gain_text.ts";
export * from "./gains.ts";
export * from "./gi_selection.ts";
export * from "./journal_size.ts";
export * from "./jupyter.ts";
export * from "./level_errors.ts";
export type { PyramidPicture } from "./level_panels.ts";
export * from "./moving_box.ts";
export * from "./png.ts";
export * from "./progress.ts";
export * from "./progress_line.ts";
export * from "./progress_notebook.ts";
export * from "./progress_terminal.ts";
export * from "./region_map.ts";
export * from "./show.ts";
export * from "./slider.ts";
export * from "./spread.ts";
export * from "./stop.ts";
export * from "./table.ts";
export * from "./table_csv.ts";
export * from "./table_html.ts";
export * from "./table_latex.ts";
export * from "./table_markdown.ts";
export * from "./table_text.ts";
export * from "./text_width.ts";
export * from "./wrap_text.ts";
