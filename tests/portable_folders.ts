/** The folders of lib/ that run in a browser too: tfjs-core is all they import. */
export const portableFolders = [
  "random",
  "boxes",
  "regions",
  "nn",
  "losses",
  "detectors",
  "distill",
];
