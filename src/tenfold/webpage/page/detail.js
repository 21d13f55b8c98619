/** One digit from near by: the image that the model sees, and how probable each answer is. */

import { find, make } from "./build.js";
import { NAMES, percent } from "./words.js";

/** Make the bars, all of them empty. */
export function makeBars() {
  find("bars").tBodies[0].append(...NAMES.map(makeRow));
}

/** Show the image, base64 of 784 bytes, and the probabilities; nothing where there are none. */
export function showDetail(title, { image, probabilities } = {}) {
  find("which").textContent = title;
  showImage(image);
  const most = probabilities ? Math.max(...probabilities) : 1;
  [...find("bars").rows].forEach((row, position) => {
    const probability = probabilities?.[position];
    row.classList.toggle("most", probability === most);
    row.querySelector(".bar").style.width = `${100 * (probability ?? 0)}%`;
    row.querySelector(".value").textContent = probability === undefined ? "–" : percent(probability);
  });
}

/** Draw a digit image into a canvas of 28×28 pixels: black ink, as opaque as it is dark. */
export function paintImage(canvas, image) {
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(28, 28);
  if (image) [...atob(image)].forEach((byte, position) => (pixels.data[4 * position + 3] = byte.charCodeAt(0)));
  context.putImageData(pixels, 0, 0);
}

function showImage(image) {
  const canvas = find("image");
  paintImage(canvas, image);
  const words = image ? "the digit, scaled and centered, 28 by 28 pixels" : "nothing yet";
  canvas.setAttribute("aria-label", `What the model sees: ${words}`);
}

function makeRow(name) {
  const heading = make("th", { scope: "row" }, name);
  const bar = make("td", { className: "track" }, make("div", { className: "bar" }));
  return make("tr", {}, heading, bar, make("td", { className: "value" }, "–"));
}
