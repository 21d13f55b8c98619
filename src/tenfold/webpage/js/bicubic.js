/** A picture at another size, bicubic, as Pillow makes it: digit images are defined by this. */

import { makeRaster, transpose } from "./raster.js";

/** How far a pixel reaches, in pixels of the smaller picture. */
const SUPPORT = 2;

/** Weights are integers of so many bits after the point, and pixels are rounded between the passes. */
const BITS = 22;

/**
 * Scale ink to a size; each pixel is an average of all that it covers.
 *
 * @param {import("./raster.js").Raster} ink Uint8Array.
 * @param {number} width
 * @param {number} height
 * @returns {import("./raster.js").Raster} Uint8Array.
 *
 * Source: the cubic with a = -1/2 of R. Keys, "Cubic convolution interpolation for digital image
 * processing", 1981, widened where the picture becomes smaller.
 */
export function resizeBicubic(ink, width, height) {
  const [across, down] = [(raster) => scaleRows(raster, width), (raster) => scaleColumns(raster, height)];
  return isRowsFirst(ink, width, height) ? down(across(ink)) : across(down(ink));
}

/** Tell in which order Pillow 13 scales: it was measured, and the order shows in how pixels are rounded. */
function isRowsFirst(ink, width, height) {
  return height >= ink.height || ink.height - height <= 2 * (ink.width - width);
}

function scaleColumns(raster, height) {
  return transpose(scaleRows(transpose(raster), height));
}

function scaleRows(raster, width) {
  if (raster.width === width) return raster;
  const scaled = makeRaster(width, raster.height);
  const weights = makeWeights(raster.width, width);
  for (let row = 0; row < raster.height; row++) {
    const line = raster.data.subarray(row * raster.width, (row + 1) * raster.width);
    weights.forEach(({ start, shares }, column) => {
      scaled.data[row * width + column] = weigh(line, start, shares);
    });
  }
  return scaled;
}

function weigh(line, start, shares) {
  let sum = 1 << (BITS - 1);
  for (let at = 0; at < shares.length; at++) sum += line[start + at] * shares[at];
  return Math.min(Math.max(sum >> BITS, 0), 255);
}

/** Return, for each pixel of a line, the first that it covers of the other, and the weights from there on. */
function makeWeights(before, after) {
  const scale = before / after;
  const wider = Math.max(scale, 1);
  return Array.from({ length: after }, (_, at) => {
    const center = (at + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - SUPPORT * wider + 0.5));
    const end = Math.min(before, Math.trunc(center + SUPPORT * wider + 0.5));
    const shares = Array.from({ length: end - start }, (_, x) => cubic((start + x - center + 0.5) / wider));
    const sum = shares.reduce((one, other) => one + other, 0);
    return { start, shares: Int32Array.from(shares, (share) => toFixed(share / sum)) };
  });
}

function cubic(distance) {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

function toFixed(share) {
  return Math.trunc(share * 2 ** BITS + (share < 0 ? -0.5 : 0.5));
}
