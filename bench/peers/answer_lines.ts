import { createInterface } from "node:readline";
import process from "node:process";
import { Unavailable } from "../row.ts";

/** What a side of a row can be asked, by name. */
type Methods = Record<string, () => unknown>;

/**
 * Answers lines of JSON on stdin as serve.py does, until stdin ends. For a side of
 * a row that needs a Deno process of its own.
 *
 * @param open Answers the first call, and gives the methods for the others.
 */
export async function answerLines<T>(
  open: (options: T) => Promise<Methods>,
): Promise<never> {
  let methods: Methods = {};
  for await (const line of createInterface({ input: process.stdin })) {
    const { method, arguments: given } = JSON.parse(line);
    let answer: unknown;
    try {
      let result: unknown = null;
      if (method === "open") methods = await open(given);
      else result = await methods[method]();
      answer = { result };
    } catch (error) {
      answer = error instanceof Unavailable
        ? { absent: error.message }
        : { error: `${error}` };
    }
    console.log(JSON.stringify(answer));
  }
  process.exit(); // TensorFlow's threads would keep it
}
