/** The greatest and the least of what is around each pixel: widening, narrowing, closing and opening. */

import { roundHalfToEven } from "./levels.js";
import { crop, likeRaster, makeRaster, pad, paste } from "./raster.js";

/**
 * What is around a pixel: for each row from the top of it, the first and the last column, seen from the
 * pixel; the pixel itself is at row `middle`.
 *
 * @typedef {{rows: [number, number][], middle: number}} Kernel
 */

/**
 * Return an ellipse as wide and high as that, as OpenCV draws it; even ones lean to the left and up.
 *
 * @param {number} side
 * @returns {Kernel}
 */
export function makeEllipse(side) {
  const middle = Math.floor(side / 2);
  const rows = Array.from({ length: side }, (_, row) => {
    const share = middle ? (middle ** 2 - (row - middle) ** 2) / middle ** 2 : 0;
    const reach = roundHalfToEven(middle * Math.sqrt(share));
    return [-Math.min(reach, middle), Math.min(reach, side - 1 - middle)];
  });
  return { rows, middle };
}

/** Return a rectangle of so many columns and rows. */
export function makeRectangle(columns, rows) {
  const span = [-Math.floor(columns / 2), columns - 1 - Math.floor(columns / 2)];
  return { rows: new Array(rows).fill(span), middle: Math.floor(rows / 2) };
}

/** Return the greatest value around each pixel; beyond the edges there is nothing. */
export function dilate(raster, { rows, middle }) {
  if (rows.every((span) => span === rows[0])) {
    return pickDown(pickAcross(raster, rows[0]), [-middle, rows.length - 1 - middle]);
  }
  const picked = fill(likeRaster(raster));
  const lines = new Map();
  rows.forEach((span, row) => {
    const name = span.join();
    if (!lines.has(name)) lines.set(name, pickAcross(raster, span));
    take(picked, lines.get(name), row - middle);
  });
  return picked;
}

/** Return the least value around each pixel; beyond the edges there is nothing. */
export function erode(raster, kernel) {
  return complement(dilate(complement(raster), kernel));
}

/** Return a picture whose greatest values are the least, and the other way round. */
function complement(raster) {
  const turned = likeRaster(raster);
  const most = raster.data instanceof Float32Array ? 0 : 255;
  for (let at = 0; at < turned.data.length; at++) turned.data[at] = most - raster.data[at];
  return turned;
}

/** Close gaps that a kernel does not fit into. */
export function close(raster, kernel) {
  return erode(dilate(raster, kernel), kernel);
}

/** Keep of a mask what a rectangle fits into; beyond the edges there is paper. */
export function open(mask, columns, rows) {
  const kernel = makeRectangle(columns, rows);
  const [left, top] = [Math.ceil(columns / 2), Math.ceil(rows / 2)];
  const eroded = erode(pad(mask, left, top), kernel);
  return dilate(crop(eroded, [left, top, left + mask.width, top + mask.height]), kernel);
}

/** Fill a picture with what nothing is less than. */
function fill(raster) {
  raster.data.fill(raster.data instanceof Float32Array ? -Infinity : 0);
  return raster;
}

/** Take what is greater so many rows below. */
function take(onto, { data, width, height }, shift) {
  const [first, last] = [Math.max(0, -shift) * width, Math.min(height, height - shift) * width];
  for (let at = first; at < last; at++) {
    const value = data[at + shift * width];
    if (value > onto.data[at]) onto.data[at] = value;
  }
}

/** Return the greatest within a span of its row around each pixel. */
function pickAcross(raster, [first, last]) {
  const { data, width, height } = raster;
  const around = fill(makeRaster(width + last - first, height, data.constructor));
  paste(around, raster, -first, 0);
  slide(around.data, last - first + 1, 1);
  return crop(around, [0, 0, width, height]);
}

/** Return the greatest within a span of its column around each pixel. */
function pickDown(raster, [first, last]) {
  const { data, width, height } = raster;
  const around = fill(makeRaster(width, height + last - first, data.constructor));
  paste(around, raster, 0, -first);
  slide(around.data, last - first + 1, width);
  return crop(around, [0, 0, width, height]);
}

/**
 * Put at each place of a line the greatest of so many values from there on, which are a step apart.
 *
 * Spans are doubled until two that overlap are as wide as is wanted.
 */
function slide(line, side, step) {
  for (let done = 1; done < side;) {
    const more = Math.min(done, side - done);
    takeGreater(line, more * step);
    done += more;
  }
}

/** Take what is greater so far behind. */
function takeGreater(line, reach) {
  const length = line.length - reach;
  for (let at = 0; at < length; at++) {
    const value = line[at];
    const other = line[at + reach];
    line[at] = other > value ? other : value; // without a branch
  }
}
