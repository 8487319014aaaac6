/** One line of the doctor's page. */
export interface Finding {
  /** What was looked at: `Deno`. */
  readonly subject: string;
  /** What was found: `2.9.8`. */
  readonly value: string;
  /**
   * `good`; `lacking`: some of ldlab does without it; `broken`: training does not
   * work, or not as it should, until it is put right.
   */
  readonly state: "good" | "lacking" | "broken";
  /** What puts it right; there is one unless it is good. */
  readonly remedy?: string;
}

/** What was looked at and is as it should be. */
export function good(subject: string, value: string): Finding {
  return { subject, value, state: "good" };
}

/** What some of ldlab needs and is not there. */
export function lacking(
  subject: string,
  value: string,
  remedy: string,
): Finding {
  return { subject, value, state: "lacking", remedy };
}

/** What all of ldlab needs and is not there. */
export function broken(
  subject: string,
  value: string,
  remedy: string,
): Finding {
  return { subject, value, state: "broken", remedy };
}
