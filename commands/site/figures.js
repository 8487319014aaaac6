// Draws the figures of a page in place of their pictures. A picture stays where
// its figure cannot be drawn.

/** A figure is made no smaller than this, or its words cannot be read. */
const smallest = 0.5;

/** What a figure is called when it is saved. */
const pageName = location.pathname.split("/").at(-1).replace(/\.html$/, "");

async function draw(figure) {
  const { data, layout } = JSON.parse(
    figure.querySelector("script").textContent,
  );
  const frame = document.createElement("div");
  const plot = document.createElement("div");
  frame.className = "frame";
  plot.className = "plot";
  frame.append(plot);
  figure.append(frame);
  const width = layout.width ?? 700;
  const height = layout.height ?? 450;
  plot.style.width = `${width}px`;
  // A finger that moves up or down over a figure scrolls the page.
  const isTouched = matchMedia("(pointer: coarse)").matches;
  try {
    await Plotly.newPlot(plot, data, {
      ...layout,
      width,
      height,
      ...(isTouched && { dragmode: false }),
    }, {
      displaylogo: false,
      showSendToCloud: false,
      displayModeBar: isTouched ? false : "hover",
      toImageButtonOptions: { format: "svg", filename: pageName },
    });
  } catch (error) {
    frame.remove();
    throw error;
  }
  figure.classList.add("drawn");
  const fit = () => {
    const scale = Math.max(smallest, Math.min(1, figure.clientWidth / width));
    plot.style.transform = scale === 1 ? "" : `scale(${scale})`;
    frame.style.width = `${scale * width}px`;
    frame.style.height = `${scale * height}px`;
  };
  new ResizeObserver(fit).observe(figure);
}

/** One after the other, so that the page can be read meanwhile. */
async function drawAll() {
  for (const figure of document.querySelectorAll("figure")) {
    await draw(figure).catch((error) => reportError(error));
    await new Promise((resolve) => setTimeout(resolve));
  }
}

drawAll();
