/**
 * The page of a live panel: sends what its sliders and buttons say, and draws what
 * the kernel answers. All addresses are relative, so that it works behind a proxy
 * under any path.
 */
/* global Plotly */

/** Milliseconds between two looks at the kernel. */
const PAUSE = 400;
/** Looks without an answer after which the kernel counts as gone. */
const LOST = 4;
/** Milliseconds after which a look counts as without an answer. */
const PATIENCE = 15_000;

const token = new URLSearchParams(location.search).get("panel_token") ?? "";
const element = (id) => document.getElementById(id);

/** Where the page has no room for two plots beside each other; as in page.css. */
const narrow = matchMedia("(max-width: 760px)");

/** Versions of the figures that are drawn, by name. */
const drawn = {};
/** The sliders by the name of their setting. */
const sliders = new Map();
/** What sliders say that the kernel has not been told yet. */
let unsent = {};
let sending = false;
/** Raised when a slider is moved, and when the kernel has been told of it. */
let moves = 0;
let looking = false;
let lost = 0;
let state = "";

/** Asks the kernel; gives its answer, or throws what it says is wrong. */
async function ask(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { "x-panel-token": token },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE),
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { response });
  return answer;
}

/** A slider's place is a whole number of stops from its lowest end. */
function stopOf({ lowest, step, scale }, value) {
  return Math.round(
    scale === "logarithmic"
      ? step * Math.log10(value / lowest)
      : (value - lowest) / step,
  );
}

/** At the ends rounding does not lead beyond them. */
function valueAt({ lowest, highest, step, scale }, stop) {
  const value = scale === "logarithmic"
    ? Number((lowest * 10 ** (stop / step)).toPrecision(2))
    : Number((lowest + stop * step).toFixed(6));
  return Math.min(Math.max(value, lowest), highest);
}

function textOf({ name }, value) {
  if (name === "level") return `P${value}`;
  return name === "learningRate" ? `${Number(value.toPrecision(2))}` : value;
}

function makeSlider(control, value) {
  const label = document.createElement("label");
  const name = document.createElement("span");
  name.textContent = control.label;
  const output = document.createElement("output");
  const input = document.createElement("input");
  input.type = "range";
  input.id = control.name;
  input.min = 0;
  input.max = stopOf(control, control.highest);
  input.disabled = control.lowest === control.highest;
  label.append(name, output, input);
  element("controls").append(label);
  sliders.set(control.name, { control, input, output });
  input.addEventListener("input", () => {
    const value = valueAt(control, Number(input.value));
    write(control.name, value);
    send({ [control.name]: value });
  });
  place(control.name, value);
}

/** Puts a slider where a value is. */
function place(name, value) {
  const { control, input } = sliders.get(name);
  input.value = stopOf(control, value);
  write(name, value);
}

/** Writes a slider's value beside its name. */
function write(name, value) {
  const { control, input, output } = sliders.get(name);
  output.textContent = textOf(control, value);
  input.setAttribute("aria-valuetext", output.textContent);
}

/** Sends the last value of each slider, one request at a time. */
async function send(settings) {
  Object.assign(unsent, settings);
  moves++;
  if (sending) return;
  sending = true;
  while (Object.keys(unsent).length > 0) {
    const now = unsent;
    unsent = {};
    await act("settings", now);
  }
  sending = false;
  moves++;
}

/** Does what a button or slider says, or shows what is wrong with it. */
async function act(path, body) {
  const asked = moves;
  try {
    tell(await ask("POST", path, body), asked);
    await look();
  } catch (error) {
    warn(error.response ? error.message : "The kernel did not answer.");
  }
}

function warn(message) {
  element("message").textContent = message ?? "";
  element("message").hidden = !message;
}

/**
 * Shows what the kernel says of itself. An answer takes as long as the figures in
 * it: one asked for before a slider was moved, as `asked` tells, holds an older
 * place of it.
 */
function tell(now, asked) {
  state = now.state;
  const running = state === "running";
  element("run").textContent = running ? "Pause" : "Run";
  element("run").disabled = element("step").disabled = state === "diverged";
  element("restart").disabled = element("defaults").disabled = false;
  const facts = [`Step ${now.step}, ${state}`];
  if (running && now.secondsPerStep) {
    facts.push(`${(1 / now.secondsPerStep).toFixed(1)} steps a second`);
  }
  const times = now.recordings === 1 ? "once" : `${now.recordings} times`;
  facts.push(`the step was recorded ${times}`);
  element("status").textContent = facts.join(" · ");
  warn(now.message);
  for (const control of now.controls) {
    const value = now.settings[control.name];
    const slider = sliders.get(control.name);
    if (!slider) makeSlider(control, value);
    // Not under the hand that moves it.
    else if (
      asked === moves && !sending && !slider.input.matches(":active")
    ) {
      place(control.name, value);
    }
  }
}

/** The curves with AP below the losses. */
function stacked(layout) {
  const { xaxis, yaxis, xaxis2, yaxis2, legend2 } = layout;
  return {
    ...layout,
    xaxis: { ...xaxis, domain: [0, 1] },
    yaxis: { ...yaxis, domain: [0.57, 1] },
    xaxis2: { ...xaxis2, domain: [0, 1] },
    yaxis2: { ...yaxis2, domain: [0, 0.34] },
    legend2: { ...legend2, x: 0, y: 0.36 },
  };
}

/** Draws a figure as wide and high as its place. */
async function draw(name, { version, figure }) {
  const { width: _width, height: _height, ...layout } =
    name === "curves" && narrow.matches
      ? stacked(figure.layout)
      : figure.layout;
  for (const image of layout.images ?? []) {
    image.source += `&panel_token=${token}`;
  }
  await Plotly.react(
    element(name),
    figure.data,
    { ...layout, autosize: true },
    { displayModeBar: false, responsive: true },
  );
  drawn[name] = version;
}

/** Looks at the kernel once. */
async function look() {
  if (looking) return;
  looking = true;
  const asked = moves;
  try {
    const now = await ask("GET", `state?${new URLSearchParams(drawn)}`);
    lost = 0;
    tell(now, asked);
    for (const [name, view] of Object.entries(now.figures)) {
      await draw(name, view);
    }
  } catch (error) {
    // One that answers lives; of another kernel at the port it is not the panel.
    lost = error.response?.status === 401 ? LOST : lost + 1;
  }
  element("gone").hidden = lost < LOST;
  looking = false;
}

narrow.addEventListener("change", () => delete drawn.curves);
element("run").addEventListener(
  "click",
  () => act(state === "running" ? "pause" : "run"),
);
element("step").addEventListener("click", () => act("step"));
element("restart").addEventListener("click", () => act("restart"));
element("defaults").addEventListener("click", () => {
  const initial = [...sliders].map(([name, { control }]) => [
    name,
    control.initial,
  ]);
  send(Object.fromEntries(initial));
});

while (true) {
  await look();
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
}
