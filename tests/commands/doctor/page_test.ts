import assert from "node:assert/strict";
import { examine, isBroken } from "../../../commands/doctor/examine.ts";
import { broken, good, lacking } from "../../../commands/doctor/finding.ts";
import { doctorPage } from "../../../commands/doctor/page.ts";
import { fakeSystem } from "./fake_system.ts";

const never = () => new Promise<never>(() => {});

Deno.test("examine() makes a finding of what fails or takes too long", async () => {
  const sections = await examine(fakeSystem(), {
    seconds: 0.05,
    checks: {
      A: {
        one: (system) => Promise.resolve([good("deno", system.deno)]),
        two: () => Promise.reject(new Error("it fell")),
        three: never,
        four() {
          throw new TypeError("at once");
        },
      },
      B: { "Self-test": never },
    },
  });
  const remedy = "report this page";
  assert.deepEqual(sections, [
    {
      heading: "A",
      findings: [
        good("deno", "2.9.8"),
        lacking("two", "could not be looked at: it fell", remedy),
        lacking("three", "no answer in 0.05 s", remedy),
        lacking("four", "could not be looked at: at once", remedy),
      ],
    },
    {
      heading: "B",
      findings: [broken("Self-test", "no answer in 0.05 s", remedy)],
    },
  ]);
});

Deno.test("isBroken() asks for what training needs, and no more", () => {
  const section = (
    ...findings: ReturnType<typeof good>[]
  ) => [{ heading: "A", findings }];
  assert.equal(
    isBroken(section(good("a", "1"), lacking("b", "2", "c"))),
    false,
  );
  assert.equal(isBroken(section(good("a", "1"), broken("b", "2", "c"))), true);
});

Deno.test("doctorPage() is plain text, with the remedies at its end", () => {
  const page = (...findings: ReturnType<typeof good>[]) =>
    doctorPage([{ heading: "Versions", findings }], {
      XLA_FLAGS: "-x",
      EDITOR: "ed",
    });
  assert.equal(
    page(good("ldlab", "1"), lacking("Browser", "none\n  at all", "install")),
    `Versions
  ldlab    1
- Browser  none at all

Settings
  XLA_FLAGS=-x

Training works here; what is marked - is missing for the rest.
  Browser: install`,
  );
  const text = page(broken("Engine", "none", "set up"));
  assert.match(text, /^! Engine {2}none$/m);
  assert.match(text, /does not work here as it should .*! is put right\.\n/);
  assert.match(page(good("ldlab", "1")), /\n\nNothing is missing\.$/);
});

Deno.test("doctorPage() leaves out who the user is, and secrets", () => {
  const page = (value: string, environment: Record<string, string>) =>
    doctorPage([{ heading: "A", findings: [good("a", value)] }], environment)
      .split("\n")[1].slice(5);
  const ada = { HOME: "/home/ada/", USER: "ada.l" };
  const cases: [value: string, shown: string][] = [
    ["/home/ada", "~"],
    ["(/home/ada/ldlab/lib.so), /home/ada", "(~/ldlab/lib.so), ~"],
    ["file:///home/ada/x", "file://~/x"],
    ["/disk2/home/ada/x", "/disk2/home/USER/x"],
    ["/scratch/ada.l/x /scratch/ada-old", "/scratch/USER/x /scratch/USER-old"],
    ["/tmp/slurm.ada.7/x", "/tmp/slurm.USER.7/x"],
    ["/jobs/of-ada.l:/ada_2", "/jobs/of-USER:/USER_2"],
    ["/home/adam/canada x.ada", "/home/adam/canada x.ada"],
    ["https://ada:pw@host/x?token=1a&b=2", "https://…@host/x?token=…&b=2"],
  ];
  for (const [value, shown] of cases) assert.equal(page(value, ada), shown);
  const root = { HOME: "/root", USER: "root" };
  assert.equal(page("/root/x /data/root/x", root), "~/x /data/root/x");
  assert.equal(page("/lib/x", { HOME: "/" }), "/lib/x");
  assert.equal(page("/lib/x", {}), "/lib/x");

  const text = doctorPage([], {
    ...ada,
    LDLAB_API_KEY: "1a",
    LD_LIBRARY_PATH: "/opt/lib:/home/ada/lib",
  });
  assert.match(text, /^Settings\n {2}LD_LIBRARY_PATH=\/opt\/lib:~\/lib$/m);
  assert.doesNotMatch(text, /1a|ada/);
});
