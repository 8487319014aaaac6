/**
 * What was typed is wrong: a command shows the message alone and exits with 2.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
