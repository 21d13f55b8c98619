/**
 * A digit image: 28×28 pixels, 0 paper … 255 ink, made the way MNIST was made: the ink scaled into 20×20
 * pixels with its aspect kept, its center of mass moved to pixel (14, 14).
 */

import { resizeBicubic } from "./bicubic.js";
import { roundHalfToEven } from "./levels.js";
import { boundsOf, crop, makeRaster, paste } from "./raster.js";

export const SIDE = 28;
export const BOX = 20;
const CENTER = 14;

/**
 * Scale the ink into 20×20 and center it by mass in 28×28.
 *
 * @param {import("./raster.js").Raster} ink One digit, anywhere in a picture of any size.
 * @returns {Uint8Array | null} 784 pixels; null where there is no ink.
 */
export function toDigitImage(ink) {
  const bounds = boundsOf(ink);
  if (!bounds) return null;
  const box = crop(ink, bounds);
  const scale = BOX / Math.max(box.width, box.height);
  const [width, height] = [box.width, box.height].map((side) => Math.max(1, roundHalfToEven(side * scale)));
  const canvas = makeRaster(SIDE, SIDE);
  const [left, top] = [width, height].map((side) => Math.floor((SIDE - side) / 2));
  paste(canvas, resizeBicubic(box, width, height), left, top);
  return centerByMass(canvas);
}

/** Shift a digit by whole pixels; ink pushed over the edge is lost. */
function centerByMass({ data }) {
  let [mass, across, down] = [0, 0, 0];
  data.forEach((value, at) => {
    mass += value;
    across += value * (at % SIDE);
    down += value * Math.floor(at / SIDE);
  });
  if (!mass) return null;
  const [right, below] = [across, down].map((sum) => roundHalfToEven(CENTER - sum / mass));
  const shifted = new Uint8Array(SIDE * SIDE);
  data.forEach((value, at) => {
    const [column, row] = [(at % SIDE) + right, Math.floor(at / SIDE) + below];
    if (column >= 0 && column < SIDE && row >= 0 && row < SIDE) shifted[row * SIDE + column] = value;
  });
  return shifted;
}
