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
export function dilate(raster, kernel) {
  return pickAround(raster, kernel, 1);
}

/** Return the least value around each pixel; beyond the edges there is nothing. */
export function erode(raster, kernel) {
  return pickAround(raster, kernel, -1);
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

/** Return the greatest around each pixel or, if the sign is negative, the least. */
function pickAround(raster, { rows, middle }, sign) {
  if (rows.every((span) => span === rows[0])) {
    const [above, below] = [-middle, rows.length - 1 - middle];
    return pickDown(pickAcross(raster, rows[0], sign), [above, below], sign);
  }
  const picked = fill(likeRaster(raster), sign);
  const lines = new Map();
  rows.forEach((span, row) => {
    const name = span.join();
    if (!lines.has(name)) lines.set(name, pickAcross(raster, span, sign));
    take(picked, lines.get(name), row - middle, sign);
  });
  return picked;
}

/** Fill a picture with what nothing is less than or, if the sign is negative, greater. */
function fill(raster, sign) {
  const most = raster.data instanceof Float32Array ? Infinity : 255;
  raster.data.fill(sign > 0 ? 0 : most);
  return raster;
}

/** Take what is greater so many rows below. */
function take(onto, { data, width, height }, shift, sign) {
  const [first, last] = [Math.max(0, -shift) * width, Math.min(height, height - shift) * width];
  for (let at = first; at < last; at++) {
    const value = data[at + shift * width];
    if (sign > 0 ? value > onto.data[at] : value < onto.data[at]) onto.data[at] = value;
  }
}

/** Return the greatest within a span of its row around each pixel. */
function pickAcross(raster, [first, last], sign) {
  const { data, width, height } = raster;
  const around = fill(makeRaster(width + last - first, height, data.constructor), sign);
  paste(around, raster, -first, 0);
  slide(around.data, { side: last - first + 1, step: 1, sign });
  return crop(around, [0, 0, width, height]);
}

/** Return the greatest within a span of its column around each pixel. */
function pickDown(raster, [first, last], sign) {
  const { data, width, height } = raster;
  const around = fill(makeRaster(width, height + last - first, data.constructor), sign);
  paste(around, raster, 0, -first);
  slide(around.data, { side: last - first + 1, step: width, sign });
  return crop(around, [0, 0, width, height]);
}

/**
 * Put at each place of a line the greatest of so many values from there on, which are a step apart.
 *
 * Spans are doubled until two that overlap are as wide as is wanted.
 */
function slide(line, { side, step, sign }) {
  for (let done = 1; done < side;) {
    const more = Math.min(done, side - done);
    if (sign > 0) takeGreater(line, more * step);
    else takeLess(line, more * step);
    done += more;
  }
}

function takeGreater(line, reach) {
  for (let at = 0; at < line.length - reach; at++) {
    const value = line[at + reach];
    if (value > line[at]) line[at] = value;
  }
}

function takeLess(line, reach) {
  for (let at = 0; at < line.length - reach; at++) {
    const value = line[at + reach];
    if (value < line[at]) line[at] = value;
  }
}
