export type { LivePanel } from "./live_panel.ts";
export type { PanelPair } from "./pair.ts";
export { panel, type PanelOptions } from "./panel.ts";
export type { PanelSettings } from "./settings.ts";
