import type { ByteCursor } from "./byte_cursor.ts";
import { readAtom } from "./pickle_atoms.ts";
import { pickledDecimal } from "./pickle_literals.ts";
import { type PickleMeaning, PickleName, takesState } from "./pickle_name.ts";

/** Of a call; no name that is allowed takes as many. */
const MOST_ARGUMENTS = 16;

/**
 * The stack machine that a pickle is a program of. Each opcode moves plain data;
 * what would call Python calls what `allowed` has for the name, or fails.
 */
export class PickleMachine {
  #stack: unknown[] = [];
  /** The stacks below the marks. */
  readonly #below: unknown[][] = [];
  readonly #memo = new Map<number, unknown>();
  readonly #names = new Map<string, PickleName>();

  constructor(
    readonly cursor: ByteCursor,
    readonly allowed: ReadonlyMap<string, PickleMeaning>,
    readonly persistent?: (id: unknown) => unknown,
  ) {}

  /** Runs to the STOP and gives what is left on the stack. */
  run(): unknown {
    for (;;) {
      const at = this.cursor.at;
      const code = this.cursor.uint8();
      if (code === 0x2e) break; // STOP
      this.#understood(`byte ${at}`, () => this.#step(code, at));
    }
    const value = this.#pop();
    if (this.#stack.length > 0 || this.#below.length > 0) {
      throw this.#bad("it stops with more than one value");
    }
    return value;
  }

  #step(code: number, at: number): void {
    const { cursor } = this;
    const atom = readAtom(code, cursor);
    if (atom !== undefined) return this.#push(atom);
    // Letters are opcodes of protocols 0 and 1 and some of 2 and 3.
    switch (code < 0x80 ? String.fromCharCode(code) : code) {
      case "(":
        this.#below.push(this.#stack);
        this.#stack = [];
        return;
      case "0":
        // As in Python, this may drop a mark.
        if (this.#stack.length > 0) this.#pop();
        else this.#sinceMark();
        return;
      case "1":
        this.#sinceMark();
        return;
      case "2":
        return this.#push(this.#top());

      // Tuples, lists, dictionaries, sets
      case ")":
        return this.#push(tuple([]));
      case 0x85:
      case 0x86:
      case 0x87:
        return this.#push(tuple(this.#popped(code - 0x84)));
      case "t":
        return this.#push(tuple(this.#sinceMark()));
      case "]":
        return this.#push([]);
      case "l":
        return this.#push(this.#sinceMark());
      case "a":
        return this.#append(this.#popped(1));
      case "e":
        return this.#append(this.#sinceMark());
      case "}":
        return this.#push(new Map());
      case "d": {
        const items = this.#sinceMark();
        this.#push(new Map());
        return this.#setItems(items);
      }
      case "s":
        return this.#setItems(this.#popped(2));
      case "u":
        return this.#setItems(this.#sinceMark());
      case 0x8f:
        return this.#push(new Set());
      case 0x90: {
        const items = this.#sinceMark();
        const set = this.#top();
        if (!(set instanceof Set)) throw this.#bad("it adds to what is no set");
        for (const item of items) set.add(item);
        return;
      }
      case 0x91:
        return this.#push(new Set(this.#sinceMark()));

      // Memo
      case "p":
      case "q":
      case "r":
        this.#memo.set(this.#place(code), this.#top());
        return;
      case 0x94:
        this.#memo.set(this.#memo.size, this.#top());
        return;
      case "g":
      case "h":
      case "j": {
        const place = this.#place(code);
        if (!this.#memo.has(place)) {
          throw this.#bad(`it takes what it has not put in place ${place}`);
        }
        return this.#push(this.#memo.get(place));
      }

      // Names and calls
      case "c":
        return this.#push(this.#named(cursor.line(), cursor.line()));
      case 0x93: {
        const [module, name] = this.#popped(2);
        return this.#push(this.#named(module, name));
      }
      case "R":
      case 0x81: {
        const [name, args] = this.#popped(2);
        return this.#push(this.#called(name, args));
      }
      case 0x92: {
        const [name, args, keywords] = this.#popped(3);
        if (!(keywords instanceof Map) || keywords.size > 0) {
          throw this.#bad(`${said(name)} is called with keywords`);
        }
        return this.#push(this.#called(name, args));
      }
      case "i": {
        const name = this.#named(cursor.line(), cursor.line());
        return this.#push(this.#called(name, this.#sinceMark()));
      }
      case "o": {
        const [name, ...args] = this.#sinceMark();
        return this.#push(this.#called(name, args));
      }
      case "b": {
        const state = this.#pop();
        const built = this.#top();
        // Attributes of an OrderedDict, such as a state dict's `_metadata`,
        // are dropped.
        if (built instanceof Map) return;
        if (!takesState(built)) {
          throw this.#bad("it gives a state to what has none");
        }
        return built.setState(state);
      }
      case "P":
        return this.#push(this.#persisted(cursor.line()));
      case "Q":
        return this.#push(this.#persisted(this.#pop()));

      // Framing
      case 0x80: {
        const protocol = cursor.uint8();
        if (protocol > 5) {
          throw this.#bad(`it has protocol ${protocol}, this reads 0 to 5`);
        }
        return;
      }
      case 0x95:
        cursor.uint64();
        return;
      default:
        throw this.#bad(
          `the opcode 0x${code.toString(16).padStart(2, "0")} at byte ${at} ` +
            `is not among those of plain data`,
        );
    }
  }

  #bad(why: string): Error {
    return this.cursor.bad(why);
  }

  #push(value: unknown): void {
    this.#stack.push(value);
  }

  #top(): unknown {
    if (this.#stack.length === 0) throw this.#bad("its stack runs empty");
    return this.#stack.at(-1);
  }

  #pop(): unknown {
    return this.#popped(1)[0];
  }

  /** Takes the last values off the stack, in the order they were put there. */
  #popped(count: number): unknown[] {
    if (this.#stack.length < count) throw this.#bad("its stack runs empty");
    return this.#stack.splice(-count);
  }

  #sinceMark(): unknown[] {
    const items = this.#stack;
    const below = this.#below.pop();
    if (!below) throw this.#bad("it goes back to a mark that is not there");
    this.#stack = below;
    return items;
  }

  #append(items: unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list) || Object.isFrozen(list)) {
      throw this.#bad("it appends to what is no list");
    }
    for (const item of items) list.push(item);
  }

  #setItems(items: unknown[]): void {
    const dictionary = this.#top();
    if (!(dictionary instanceof Map) || items.length % 2 !== 0) {
      throw this.#bad(
        "it sets items that are no pairs, or not in a dictionary",
      );
    }
    for (let i = 0; i < items.length; i += 2) {
      dictionary.set(items[i], items[i + 1]);
    }
  }

  #place(code: number): number {
    switch (String.fromCharCode(code)) {
      case "p":
      case "g":
        return Number(pickledDecimal(this.cursor.line()));
      case "q":
      case "h":
        return this.cursor.uint8();
      default:
        return this.cursor.uint32();
    }
  }

  #named(module: unknown, name: unknown): PickleName {
    if (typeof module !== "string" || typeof name !== "string") {
      throw this.#bad("it names a class by what is no text");
    }
    const full = `${module}.${name}`;
    if (!this.allowed.has(full)) {
      throw this.#bad(
        `it asks for '${full}', which may run code and is not among the names ` +
          `that are read as data. Nothing was executed`,
      );
    }
    const known = this.#names.get(full) ?? new PickleName(full);
    this.#names.set(full, known);
    return known;
  }

  #called(name: unknown, args: unknown): unknown {
    const meaning = name instanceof PickleName && this.allowed.get(name.name);
    if (!meaning) {
      throw this.#bad(`it calls ${said(name)}, which is no function`);
    }
    if (!Array.isArray(args) || args.length > MOST_ARGUMENTS) {
      throw this.#bad(`it calls ${said(name)} with too much, or no tuple`);
    }
    return this.#understood(said(name), () => meaning(...args));
  }

  #persisted(id: unknown): unknown {
    const { persistent } = this;
    if (!persistent) throw this.#bad("it refers to data outside of it");
    return this.#understood("a persistent id", () => persistent(id));
  }

  /** Makes what refuses its text or arguments with a TypeError. */
  #understood(what: string, make: () => unknown): unknown {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw this.#bad(`${what} is malformed: ${error.message}`);
    }
  }
}

function tuple(items: unknown[]): readonly unknown[] {
  return Object.freeze(items);
}

function said(name: unknown): string {
  return name instanceof PickleName ? `'${name.name}'` : "what is no name";
}
