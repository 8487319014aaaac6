/** The site of the notebooks: its files, its links, and what it refuses. */
import assert from "node:assert/strict";
import { projectFolder } from "../../experiments/project.ts";
import { findNotebooks } from "../../commands/site/find_notebooks.ts";
import { renderNotebooks } from "../../commands/site/render_notebooks.ts";
import { rewriteLinks } from "../../commands/site/rewrite_links.ts";
import { showMath } from "../../commands/site/show_math.ts";
import { siteFiles, writeSite } from "../../commands/site/site_folder.ts";
import { notebookText, writeNotebooks } from "./site_notebooks.ts";

const folder = await Deno.makeTempDir();
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);

async function site(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "commands/site.ts", ...args],
    cwd: projectFolder,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** A new folder with these files. */
async function folderWith(files: Record<string, string>): Promise<string> {
  const made = await Deno.makeTempDir({ dir: folder });
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${made}/${name}`, text);
  }
  return made;
}

/** All files below a folder, as paths in it. */
function filesOf(root: string, below = ""): string[] {
  return [...Deno.readDirSync(`${root}/${below}`)].flatMap((entry) =>
    entry.isDirectory
      ? filesOf(root, `${below}${entry.name}/`)
      : [`${below}${entry.name}`]
  ).sort();
}

Deno.test("site makes a page of each notebook that loads nothing from outside", async (t) => {
  const [source, target] = [`${folder}/notebooks`, `${folder}/site`];
  await writeNotebooks(source);
  const { code, stdout, stderr } = await site(
    ...["--from", source, "--output", target],
  );
  assert.equal(code, 0, stderr);
  const page = (name: string) =>
    Deno.readTextFileSync(`${target}/${name}.html`);

  await t.step("it says what was written, and what the pages lack", () => {
    assert.match(
      stdout,
      / {2}index\.html\n {2}moving\.html\n {2}aside\.html\nSite: .*\/site\/index\.html\n$/,
    );
    const absent = /^(\w+)\.ipynb names (\S+), which is not in the site/gm;
    assert.deepEqual(
      [...stderr.matchAll(absent)].map(([, name, link]) => [name, link]),
      [
        ["index", "https://example.org/far.png"],
        ["index", "../LICENSE"],
        ["moving", "gone.ipynb"],
      ],
    );
    assert.match(stderr, /^Without outputs, .*: aside\.ipynb\.$/m);
  });

  await t.step("pages, pictures and the shared files are there", () => {
    assert.deepEqual(filesOf(target), [
      ".ldlab-site",
      "aside.html",
      "assets/figures.js",
      "assets/page.css",
      "assets/plotly.min.js",
      "index.html",
      "moving.html",
      "moving_files/moving_2_0.svg",
      "moving_files/moving_3_1.png",
    ]);
  });

  await t.step("every loaded file is one of them", () => {
    for (const name of ["index", "moving", "aside"]) {
      const loads =
        /<(?:script|img|link|iframe|source|object)\b[^>]*?\s(?:src|href|data)="([^"]*)"/g;
      for (const [, address] of page(name).matchAll(loads)) {
        if (address.startsWith("data:")) continue;
        assert.ok(Deno.statSync(`${target}/${address}`).isFile, address);
      }
      assert.doesNotMatch(page(name), /@import|mathjax|require\.js|mermaid/i);
    }
    const css = Deno.readTextFileSync(`${target}/assets/page.css`);
    assert.doesNotMatch(css, /@import|url\(/);
  });

  await t.step("links between notebooks lead to pages and places", () => {
    assert.match(page("index"), /<a href="moving\.html#The-figure">what moves/);
    assert.match(page("moving"), /<h2 id="The-figure">/);
    assert.match(page("index"), /<a href="aside\.html">the other<\/a>/);
    assert.match(page("index"), /<a href="https:\/\/arxiv\.org[^>]*>the paper/);
    assert.match(page("index"), /and\s+the licence\./);
    assert.match(page("index"), /\bfar\b/);
    for (const name of ["index", "moving", "aside"]) {
      assert.doesNotMatch(page(name), /href="[^"]*\.ipynb/);
    }
  });

  await t.step("the navigation is in the first page's order", () => {
    const [, list] = page("aside").split('<nav class="pages"');
    assert.match(
      list,
      /moving\.html">What moves &amp; why<[\s\S]*aside\.html" aria-current="page">Aside</,
    );
    const [, own] = page("moving").split('<nav class="pages"');
    assert.match(own, /<a href="#The-figure">The figure<\/a>/);
    assert.match(page("moving"), /rel="next" href="aside\.html">Aside\u00a0→/);
    assert.match(
      page("aside"),
      /rel="prev" href="moving\.html">←\u00a0What moves/,
    );
  });

  await t.step("outputs are shown in their richest form, once", () => {
    const html = page("moving");
    assert.equal(html.match(/<figure>/g)?.length, 2);
    assert.match(
      html,
      /<img alt="AP [^"]*over τ" src="moving_files\/moving_2_0\.svg"\/>/,
    );
    assert.match(html, /<img alt="pixels" src="moving_files\/moving_3_1\.png"/);
    // The title must not end the script that holds it.
    const [, json] = /<script type="application\/json">([\s\S]*?)<\/script>/
      .exec(html)!;
    assert.equal(JSON.parse(json).layout.title.text, "AP </script> over τ");
    assert.match(html, /<caption[^>]*>Gains &lt; 1<\/caption>/);
    assert.equal(html.match(/Gains/g)?.length, 1);
    assert.match(html, /<pre>a &lt; b\nc<\/pre>/);
    assert.match(html, /<span class="ansi-red-fg">RangeError<\/span>: τ must/);
    assert.match(html, /The <strong>end<\/strong> of it\./);
    assert.match(html, /<span class="k">await<\/span>/); // highlighted
  });

  await t.step("mathematics is set apart, and code is not", () => {
    const html = page("moving");
    assert.match(html, /<span class="math">\\tau\^2 &lt; 1<\/span>/);
    assert.match(html, /<span class="math block">\\sum_i p_i = 1<\/span>/);
    assert.match(html, /<code>\$\{a\} \$\{b\}<\/code>/);
  });

  await t.step("a page without outputs says so", () => {
    assert.match(
      page("aside"),
      /<\/h1>\s*<p class="note">This notebook has not/,
    );
    assert.doesNotMatch(page("moving"), /class="note"/);
    // No figure, no plotly.
    assert.doesNotMatch(page("aside"), /plotly/);
  });

  await t.step(
    "a new site replaces it, and leaves the user's files",
    async () => {
      await Deno.writeTextFile(`${target}/mine.txt`, "mine");
      await Deno.writeTextFile(
        `${source}/aside.ipynb`,
        notebookText([{
          cell_type: "markdown",
          metadata: {},
          source: "# Aside\nLater, [back](index.ipynb).",
        }]),
      );
      await Deno.remove(`${source}/index.ipynb`);
      await Deno.remove(`${source}/moving.ipynb`);
      const { code, stderr } = await site(
        ...["--from", source, "--output", target],
      );
      assert.equal(code, 0, stderr);
      assert.deepEqual(filesOf(target), [
        ".ldlab-site",
        "aside.html",
        "assets/figures.js",
        "assets/page.css",
        "assets/plotly.min.js",
        "index.html",
        "mine.txt",
      ]);
      assert.throws(() => Deno.statSync(`${target}/moving_files`));
      // Without index.ipynb the first page lists the notebooks.
      assert.match(
        page("index"),
        /<ul class="list">\s*<li><a href="aside\.html">Aside<\/a><p>Later, back\.<\/p>/,
      );
      assert.match(page("aside"), /<a href="index\.html">back<\/a>/);
      assert.doesNotMatch(page("aside"), /class="note"/); // it has no code
    },
  );
});

Deno.test("site refuses what is not in order and says what would be", async (t) => {
  const good = notebookText([]);
  const cases: [string, Record<string, string>, RegExp][] = [
    [
      "no notebook",
      { "a.txt": "" },
      /^Error: Cannot find notebooks in .*no \.ipynb/,
    ],
    [
      "not JSON",
      { "a.ipynb": good, "b.ipynb": "{" },
      /^SyntaxError: Cannot read notebook .*b\.ipynb: it is not JSON: /,
    ],
    ["no notebook's JSON", { "a.ipynb": "[]" }, /names no notebook format/],
    [
      "an unknown version",
      { "a.ipynb": notebookText([], 3) },
      /a\.ipynb: its format is version 3, and 4 is read: open it in JupyterLab/,
    ],
    [
      "no cells",
      { "a.ipynb": '{ "nbformat": 4 }' },
      /a\.ipynb: it has no list of cells/,
    ],
  ];
  for (const [name, files, message] of cases) {
    await t.step(name, async () => {
      const source = await folderWith(files);
      await assert.rejects(findNotebooks(source), message);
    });
  }
  await t.step("no folder", async () => {
    const missing = `${folder}/none`;
    const target = `${folder}/unwritten`;
    const { code, stderr } = await site(
      ...["--from", missing, "--output", target],
    );
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^Cannot find notebooks in '.*none': there is no such/,
    );
    assert.doesNotMatch(stderr, /\n\s+at /);
    assert.throws(() => Deno.statSync(target));
  });
  await t.step("a cell that nbconvert cannot read", async () => {
    const source = await folderWith({
      "a.ipynb": good,
      "b.ipynb": notebookText([{ cell_type: "code", metadata: {} }]),
    });
    await assert.rejects(
      renderNotebooks(await findNotebooks(source)),
      /^Error: Cannot render .*b\.ipynb: nbconvert failed: .*required property/,
    );
  });
  await t.step("no nbconvert", async () => {
    const source = await folderWith({ "a.ipynb": good });
    await assert.rejects(
      renderNotebooks(await findNotebooks(source), `${folder}/nbconvert`),
      /nbconvert is not at .*: \.\/ldlab setup installs it/,
    );
  });
});

Deno.test("siteFiles() takes a new or empty folder or a site, and nothing else", async () => {
  assert.deepEqual(await siteFiles(`${folder}/new`), new Set());
  assert.deepEqual(await siteFiles(await folderWith({})), new Set());
  const own = await folderWith({ ".ldlab-site": "a.html\n", "mine.txt": "" });
  assert.deepEqual(await siteFiles(own), new Set(["a.html"]));
  const other = await folderWith({ "thesis.tex": "" });
  await assert.rejects(
    siteFiles(other),
    /it holds other files, as thesis\.tex: name a new or empty folder with --output/,
  );
  await assert.rejects(siteFiles(`${other}/thesis.tex`), /it is a file: name/);
  for (const outside of ["../thesis.tex", "/thesis.tex", "a/../../b"]) {
    const forged = await folderWith({ ".ldlab-site": `${outside}\n` });
    await assert.rejects(siteFiles(forged), /which is not in the folder/);
  }
});

Deno.test("writeSite() writes nothing where a file of the user's lies in the way", async () => {
  const target = await folderWith({
    ".ldlab-site": "old.html\n",
    "old.html": "old",
    "b.html": "mine",
  });
  const files = new Map([["a.html", "a"], ["b.html", "b"]]);
  await assert.rejects(
    writeSite(target, files, await siteFiles(target)),
    /it holds b\.html, which is not the site's: move it/,
  );
  assert.deepEqual(filesOf(target), [".ldlab-site", "b.html", "old.html"]);
  assert.equal(await Deno.readTextFile(`${target}/b.html`), "mine");
});

Deno.test("writeSite() goes on where one was cut short", async () => {
  // The list was written, and of the files the first.
  const target = await folderWith({
    ".ldlab-site": "a.html\nb.html\n",
    "a.html": "half",
  });
  const files = new Map([["a.html", "a"], ["b.html", "b"]]);
  await writeSite(target, files, await siteFiles(target));
  assert.equal(await Deno.readTextFile(`${target}/a.html`), "a");
  assert.deepEqual(await siteFiles(target), new Set(["a.html", "b.html"]));
});

Deno.test("rewriteLinks() knows names with signs, and leaves what leads outside on purpose", () => {
  const rewritten = (html: string) =>
    rewriteLinks(html, { names: ["my #1"], pictures: ["a b_files/a.svg"] });
  assert.equal(
    rewritten('<a class="x" href="my%20%231.ipynb#At">1</a>').html,
    '<a class="x" href="my%20%231.html#At">1</a>',
  );
  for (
    const kept of [
      '<a href="#At">1</a>',
      '<a href="mailto:a@example.org">1</a>',
      '<img src="a%20b_files/a.svg"/>',
      '<img src="data:image/png;base64,AA=="/>',
    ]
  ) assert.deepEqual(rewritten(kept), { html: kept, dropped: [] });
  assert.deepEqual(
    rewritten('<a href="x.ipynb"><img alt="a &lt; b" src="c%"/></a>'),
    { html: "a &lt; b", dropped: ["c%", "x.ipynb"] },
  );
});

Deno.test("showMath() leaves prices and code alone", () => {
  for (
    const text of [
      "<p>It costs $5.</p>",
      '<a href="$a$">b</a>',
      "<pre><span>`${a}`</span> $b$</pre>",
    ]
  ) assert.equal(showMath(text), text);
});
