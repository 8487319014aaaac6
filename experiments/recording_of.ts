/** What goes on while a compiled step is recorded. */
export const recordingOf = (step: string): string =>
  `recording the step '${step}'`;
