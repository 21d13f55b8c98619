/** The connected parts of a mask. */

import { makeRaster } from "./raster.js";

/**
 * A part, whose pixels touch each other at a side or a corner.
 *
 * @typedef {object} Part
 * @property {number} number From 1: what stands in `labels` for its pixels.
 * @property {import("./raster.js").Box} box
 * @property {number} area Pixels.
 * @property {[number, number]} center Mean column and row.
 */

/**
 * Find the connected parts of a mask.
 *
 * They are numbered as OpenCV does it: by the first of the squares of 2×2 pixels that each has ink in, from
 * left to right and from top to bottom.
 *
 * @param {import("./raster.js").Raster} mask
 * @returns {{labels: import("./raster.js").Raster, parts: Part[]}} The labels are the numbers, or 0.
 */
export function findConnected(mask) {
  const labels = makeRaster(mask.width, mask.height, Int32Array);
  const parents = label(mask, labels.data);
  const parts = number(labels, parents);
  parts.forEach((part) => (part.center = part.center.map((sum) => sum / part.area)));
  return { labels, parts };
}

/**
 * Return the box around some boxes.
 *
 * @param {import("./raster.js").Box[]} boxes
 * @returns {import("./raster.js").Box}
 */
export function hullOf(boxes) {
  return boxes.reduce((hull, box) => hull.map((edge, at) => (at < 2 ? Math.min : Math.max)(edge, box[at])));
}

/** Give each pixel a label, row by row; return which labels turned out to be one part. */
function label({ data, width }, labels) {
  const parents = [0];
  for (let at = 0, column = 0; at < data.length; at++, column = column + 1 < width ? column + 1 : 0) {
    if (!data[at]) continue;
    const left = column ? labels[at - 1] : 0;
    const above = labels[at - width] || (column && labels[at - width - 1]) || 0;
    const right = column + 1 < width ? labels[at - width + 1] || 0 : 0;
    labels[at] = left || above || right || parents.push(parents.length) - 1;
    if (above && above !== labels[at]) join(parents, above, labels[at]);
    if (right && right !== labels[at]) join(parents, right, labels[at]);
  }
  return parents;
}

function join(parents, first, second) {
  const [one, other] = [rootOf(parents, first), rootOf(parents, second)];
  parents[Math.max(one, other)] = Math.min(one, other);
}

function rootOf(parents, label) {
  while (parents[label] !== label) label = parents[label] = parents[parents[label]];
  return label;
}

/** Replace labels by the numbers of the parts, and measure those; centers are sums as yet. */
function number(labels, parents) {
  const { data, width, height } = labels;
  const numbers = new Int32Array(parents.length);
  const parts = [];
  const take = (column, row) => {
    const at = row * width + column;
    if (column >= width || row >= height || !data[at]) return;
    const root = rootOf(parents, data[at]);
    numbers[root] ||= parts.push(makePart(parts.length + 1, column, row));
    addPixel(parts[numbers[root] - 1], column, row);
    data[at] = numbers[root];
  };
  for (let row = 0; row < height; row += 2) {
    for (let column = 0; column < width; column += 2) {
      take(column, row);
      take(column + 1, row);
      take(column, row + 1);
      take(column + 1, row + 1);
    }
  }
  return parts;
}

function makePart(number, column, row) {
  return { number, box: [column, row, column, row], area: 0, center: [0, 0] };
}

function addPixel(part, column, row) {
  const { box, center } = part;
  part.area++;
  box[0] = Math.min(box[0], column);
  box[1] = Math.min(box[1], row);
  box[2] = Math.max(box[2], column + 1);
  box[3] = Math.max(box[3], row + 1);
  center[0] += column;
  center[1] += row;
}
