/**
 * The rules of the house, checked on the source itself: which folder may import
 * which, what mod.ts holds, what documentation an export owes, how files are
 * named, and that nothing is left undone.
 */
import assert from "node:assert/strict";
import { portableFolders } from "./portable_folders.ts";

const root = new URL("../", import.meta.url);

/** The folders of lib/ that each folder of lib/ may import from. */
const mayImport: Record<string, string[]> = {
  engine: [],
  random: [],
  boxes: [],
  regions: ["boxes"],
  nn: ["random", "boxes"],
  losses: ["boxes", "regions", "nn"],
  detectors: ["boxes", "regions", "nn", "losses"],
  distill: ["boxes", "regions", "nn", "losses", "detectors"],
  data: ["random", "boxes", "regions"],
  report: [],
  // deno-fmt-ignore
  train: ["engine", "boxes", "regions", "nn", "losses", "detectors", "distill", "data"],
  // deno-fmt-ignore
  eval: ["engine", "boxes", "regions", "nn", "losses", "detectors", "distill"],
};

/** Every TypeScript file under a folder, as a path from the root. */
function sources(folder: string): string[] {
  const entries = [...Deno.readDirSync(new URL(folder, root))];
  return entries.sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.name === ".venv") return [];
    if (entry.isDirectory) return sources(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, root));
}

/** A file's code without its comments. */
function code(path: string): string {
  return read(path)
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "$1");
}

/** What a file imports or re-exports; own files as paths from the root. */
function imports(path: string): string[] {
  const statement =
    /\b(?:import|export)\b[^"'`;=(]*?\bfrom\s*"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/g;
  return [...code(path).matchAll(statement)].map(([, from, only]) => {
    const specifier = from ?? only;
    if (!specifier.startsWith(".")) return specifier;
    return new URL(specifier, new URL(path, root)).href.slice(root.href.length);
  });
}

function none(problems: string[]): void {
  assert.ok(problems.length === 0, `\n${problems.join("\n")}`);
}

const lib = sources("lib");
const outside = ["experiments", "commands", "bench", "tests", "notebooks"];
const everything = ["lib", "experiments", "commands", "bench", "tests"]
  .flatMap(sources);

Deno.test("lib/ imports go one way, from file to file", () => {
  none(
    lib.filter((path) => path !== "lib/mod.ts").flatMap((path) => {
      const folder = path.split("/")[1];
      return imports(path).flatMap((target) => {
        if (/^(jsr|npm|https?):|^ldlab\//.test(target)) {
          return [
            `${path} imports ${target}: use the import map or a relative path`,
          ];
        }
        const [top, to, ...rest] = target.split("/");
        if (outside.includes(top)) {
          return [`${path} imports ${target}, which lib/ must not know`];
        }
        if (top !== "lib" || to === folder) return [];
        if (!mayImport[folder]?.includes(to)) {
          return [
            `${path} imports ${target}: ${folder} may import ${
              mayImport[folder]?.join(", ") || "no other folder"
            }`,
          ];
        }
        return rest[0] === "mod.ts"
          ? [`${path} imports ${target}: import the file that defines it`]
          : [];
      });
    }),
  );
});

/** What the other folders may not import. */
const barred: Record<string, RegExp> = {
  experiments: /^(commands|bench|tests|notebooks)\/|^(jsr|https?):/,
  commands: /^(tests|notebooks)\/|^(jsr|npm|https?):/,
  bench: /^(commands|tests|notebooks)\/|^(jsr|npm|https?):/,
};

Deno.test("experiments/ imports lib/ and itself only; bench/ these and itself, and commands/ all of them", () => {
  none(
    Object.entries(barred).flatMap(([folder, pattern]) =>
      sources(folder).flatMap((path) =>
        imports(path)
          .filter((target) => pattern.test(target))
          .map((target) => `${path} imports ${target}`)
      )
    ),
  );
});

/**
 * Ways to a host's own interfaces, and around the rule that follows. That the
 * modules really load in a browser is seen in tests/browser/portable_test.ts.
 */
const hostOnly = [
  /\b(?:Deno|process|Buffer|require|__dirname|__filename)\b/g,
  /\b(?:globalThis|window|self|global|eval|Function)\b/g,
  /\bimport\s*\((?!\s*"[^"]*"\s*\))/g,
];

/** What a file that should run in a browser does not get there. */
function unportable(source: string): string[] {
  return hostOnly.flatMap((pattern) => source.match(pattern) ?? []);
}

Deno.test("what runs in a browser imports tfjs-core only and touches neither Deno nor Node", () => {
  const files = lib.filter((path) =>
    portableFolders.includes(path.split("/")[1])
  );
  none(files.flatMap((path) => [
    ...imports(path)
      .filter((target) => !/^lib\/|^@tensorflow\/tfjs-core$/.test(target))
      .map((target) => `${path} imports ${target}`),
    ...unportable(code(path)).map((found) => `${path} uses ${found}`),
  ]));
});

Deno.test("no way to Deno or Node passes for one that runs in a browser", () => {
  for (
    const source of [
      'Deno.env.get("A")',
      "const { env } = Deno;",
      'globalThis["Deno"].env',
      "(process as { pid: number }).pid",
      'require("fs")',
      "await import(name)",
      'await import("node:" + "fs")',
      "await import(`node:fs`)",
      'new Function("return 1")()',
    ]
  ) {
    assert.ok(unportable(source).length > 0, source);
  }
  for (const source of ['await import("./a.ts")', "const processed = 1;"]) {
    assert.deepEqual(unportable(source), [], source);
  }
});

Deno.test("every read of a tensor's values is asynchronous, for WebGPU has no other", () => {
  const synchronous = /\.(?:dataSync|arraySync|readSync|bytesSync|print)\(/g;
  const files = ["lib", "experiments", "commands"].flatMap(sources)
    .filter((path) => !path.startsWith("lib/engine/")); // which offers them
  none(
    files.flatMap((path) =>
      (code(path).match(synchronous) ?? []).map((found) => `${path}: ${found})`)
    ),
  );
});

Deno.test("mod.ts files only re-export", () => {
  const reExport =
    /export\s+(?:type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s+from\s+"[^"]+";/g;
  none(
    lib.filter((path) => path.endsWith("/mod.ts")).flatMap((path) => {
      const rest = code(path).replace(reExport, "").trim();
      return rest === "" ? [] : [`${path} also holds: ${rest.slice(0, 80)}`];
    }),
  );
});

/** What `deno doc --json` says of one symbol. */
interface Declaration {
  kind: string;
  declarationKind: string;
  location: { filename: string; line: number };
  jsDoc?: { doc?: string; tags?: { kind: string; doc?: string }[] };
  def: { returnType?: { repr: string }; target?: Declaration["location"] };
}
interface DocumentedSymbol {
  name: string;
  declarations: Declaration[];
}

/** The exports of files: one `[path, symbol]` each. */
async function exportsOf(
  paths: string[],
): Promise<[path: string, symbol: DocumentedSymbol][]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...paths],
    cwd: root,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
    nodes: Record<string, { symbols: DocumentedSymbol[] }>;
  };
  return Object.entries(nodes).flatMap(([url, { symbols }]) =>
    symbols
      .map(({ name, declarations }): [string, DocumentedSymbol] => [
        url.slice(root.href.length),
        {
          name,
          declarations: declarations
            .filter((d) => d.declarationKind === "export"),
        },
      ])
      .filter(([, { declarations }]) => declarations.length > 0)
  );
}

/** The documentation of a tag over all overloads, undefined where there is none. */
function tag({ declarations }: DocumentedSymbol, kind: string) {
  return declarations.flatMap((d) => d.jsDoc?.tags ?? [])
    .find((t) => t.kind === kind)?.doc;
}

Deno.test("every export of lib/ has a doc comment; what a mod.ts publishes says what it returns and has an example", async () => {
  const place = ({ filename, line }: Declaration["location"]) =>
    `${filename}:${line}`;
  const isMod = (path: string) => path.endsWith("/mod.ts");
  const published = new Set(
    (await exportsOf(lib.filter(isMod))).flatMap(([, { declarations }]) =>
      declarations.map((d) => place(d.def?.target ?? d.location))
    ),
  );
  const own = await exportsOf(lib.filter((path) => !isMod(path)));
  none(own.flatMap(([path, symbol]) => {
    const at = `${path}: ${symbol.name}`;
    const defined = symbol.declarations.filter((d) => d.kind !== "reference");
    const problems: string[] = [];
    if (defined.length > 0 && !defined.some((d) => d.jsDoc?.doc)) {
      problems.push(`${at} has no doc comment`);
    }
    const offered = defined.filter((d) => published.has(place(d.location)));
    const silent = /^(void|never|asserts .*|Promise<void>)$/;
    const returns = offered.some((d) =>
      d.kind === "function" && !silent.test(d.def.returnType?.repr ?? "")
    );
    if (returns && tag(symbol, "return") === undefined) {
      problems.push(`${at} has no @returns`);
    }
    const callable = offered.some((d) =>
      d.kind === "function" || d.kind === "class"
    );
    if (callable && !/\bassert\b/.test(tag(symbol, "example") ?? "")) {
      problems.push(`${at} has no @example that asserts`);
    }
    return problems;
  }));
});

Deno.test("files are in snake_case and named for the one thing they hold", () => {
  none(everything.flatMap((path) => {
    const name = path.split("/").at(-1)!.slice(0, -".ts".length);
    const vague = /(^|_)(utils?|helpers?|common|misc)($|_)/.test(name);
    return /^[a-z0-9]+(_[a-z0-9]+)*$/.test(name) && !vague ? [] : [path];
  }));
});

Deno.test("nothing is left to do and no test is skipped", () => {
  const undone = /\b(TODO|FIXME|XXX)\b/;
  const skipped = /\bDeno\.test\.(ignore|only)\b|\b(ignore|only)\s*:/;
  none(
    everything.filter((path) => path !== "tests/house_test.ts").flatMap((
      path,
    ) => [
      ...(undone.test(read(path))
        ? [`${path} has a ${undone.exec(read(path))![0]}`]
        : []),
      ...(path.endsWith("_test.ts") && skipped.test(code(path))
        ? [`${path} skips a test`]
        : []),
    ]),
  );
});
