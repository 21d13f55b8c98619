/** Pictures at another size: by area, linear and cubic, as OpenCV makes them. */

import { clip, roundHalfToEven } from "./levels.js";
import { makeRaster } from "./raster.js";

const { fround } = Math; // sums are rounded as OpenCV's are, which decides where they lie between two levels

/** The cubic's parameter, as OpenCV has it. */
const A = -0.75;

/**
 * A pixel of the new line: the first that it covers of the old one, and the weights from there on.
 *
 * @typedef {{start: number, shares: number[]}} Weights
 */

/**
 * Make a picture smaller: each pixel is the mean of all that it covers.
 *
 * @param {import("./raster.js").Raster} raster Uint8Array.
 * @param {number} width At most that of the picture, as is the height.
 * @param {number} height
 */
export function shrinkByArea(raster, width, height) {
  const [across, down] = [raster.width / width, raster.height / height];
  if (!Number.isInteger(across) || !Number.isInteger(down)) return resize(raster, width, height, areaWeights);
  const shrunk = makeRaster(width, height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const sum = sumBlock(raster, [column * across, row * down, (column + 1) * across, (row + 1) * down]);
      shrunk.data[row * width + column] = divide(sum, across, down);
    }
  }
  return shrunk;
}

function sumBlock({ data, width }, [left, top, right, bottom]) {
  let sum = 0;
  for (let row = top; row < bottom; row++) {
    for (let at = row * width + left; at < row * width + right; at++) sum += data[at];
  }
  return sum;
}

/** Return the mean of a block: halves become even, but in blocks of 2×2 they are rounded up, as in OpenCV. */
function divide(sum, across, down) {
  if (across === 2 && down === 2) return (sum + 2) >> 2;
  return roundHalfToEven(fround(sum * fround(1 / (across * down))));
}

/**
 * Return a picture of another size, its pixels read between the next two along each side.
 *
 * @param {import("./raster.js").Raster} field Float32Array.
 * @param {number} width
 * @param {number} height
 */
export function resizeLinear(field, width, height) {
  if (field.width === width && field.height === height) return field;
  const [columns, rows] = [findPlaces(field.width, width), findPlaces(field.height, height)];
  const wide = makeRaster(width, field.height, Float32Array);
  const scaled = makeRaster(width, height, Float32Array);
  columns.forEach(({ before, after, share }, column) => {
    for (let at = 0, row = 0; row < field.height; row++, at += field.width) {
      wide.data[row * width + column] = mix(field.data[at + before], field.data[at + after], share);
    }
  });
  rows.forEach(({ before, after, share }, row) => {
    const [above, below] = [before * width, after * width];
    for (let column = 0; column < width; column++) {
      scaled.data[row * width + column] = mix(wide.data[above + column], wide.data[below + column], share);
    }
  });
  return scaled;
}

function mix(one, other, share) {
  return one + fround(other - one) * share;
}

/** Return, for each pixel of a new line, the two of the old one that it lies between, and how far. */
function findPlaces(before, after) {
  return Array.from({ length: after }, (_, at) => {
    const place = clip(((at + 0.5) * before) / after - 0.5, 0, before - 1);
    const start = Math.floor(place);
    return { before: start, after: Math.min(start + 1, before - 1), share: fround(place - start) };
  });
}

/** Return a picture of another size, its pixels read between the next four along each side. */
export function resizeCubic(raster, width, height) {
  return resize(raster, width, height, cubicWeights);
}

function resize(raster, width, height, makeWeights) {
  if (raster.width === width && raster.height === height) return raster;
  const wide = scaleRows(raster, makeWeights(raster.width, width));
  const scaled = scaleColumns(wide, makeWeights(raster.height, height));
  const rounded = { ...scaled, data: new Uint8Array(scaled.data.length) };
  scaled.data.forEach((value, at) => (rounded.data[at] = clip(roundHalfToEven(value), 0, 255)));
  return rounded;
}

/** Scale each row, by the weights for each new column. */
function scaleRows({ data, width, height }, weights) {
  const scaled = makeRaster(weights.length, height, Float32Array);
  for (let column = 0; column < weights.length; column++) {
    const { start, shares } = weights[column];
    for (let row = 0; row < height; row++) {
      const from = row * width + start;
      let sum = 0;
      for (let at = 0; at < shares.length; at++) sum = fround(sum + fround(data[from + at] * shares[at]));
      scaled.data[row * weights.length + column] = sum;
    }
  }
  return scaled;
}

/** Scale each column, by the weights for each new row: row by row, as they lie in memory. */
function scaleColumns({ data, width }, weights) {
  const scaled = makeRaster(width, weights.length, Float32Array);
  weights.forEach(({ start, shares }, row) => {
    const to = scaled.data.subarray(row * width, (row + 1) * width);
    shares.forEach((share, at) => {
      const from = (start + at) * width;
      for (let column = 0; column < width; column++) to[column] += fround(data[from + column] * share);
    });
  });
  return scaled;
}

function areaWeights(before, after) {
  const scale = before / after;
  return Array.from({ length: after }, (_, at) => {
    const [first, last] = [at * scale, Math.min((at + 1) * scale, before)];
    const start = Math.floor(first + 1e-3);
    const end = Math.ceil(last - 1e-3);
    const covered = (pixel) => Math.min(last, pixel + 1) - Math.max(first, pixel);
    const shares = Array.from({ length: end - start }, (_, x) => covered(start + x) / (last - first));
    return { start, shares: shares.map(fround) };
  });
}

function cubicWeights(before, after) {
  return Array.from({ length: after }, (_, at) => {
    const place = ((at + 0.5) * before) / after - 0.5;
    const first = Math.floor(place) - 1;
    const start = clip(first, 0, before - 1);
    const end = clip(first + 3, 0, before - 1);
    const shares = new Array(end - start + 1).fill(0);
    cubic(place - first - 1).forEach((share, x) => (shares[clip(first + x, 0, before - 1) - start] += share));
    return { start, shares };
  });
}

/** Return the weights of four pixels around a place, which is that far beyond the second. */
function cubic(beyond) {
  const [first, third] = [beyond + 1, 1 - beyond];
  const outer = (x) => ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
  const inner = (x) => ((A + 2) * x - (A + 3)) * x * x + 1;
  const shares = [outer(first), inner(beyond), inner(third)];
  return [...shares, 1 - shares[0] - shares[1] - shares[2]];
}
