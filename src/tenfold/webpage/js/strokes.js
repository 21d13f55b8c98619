/** Strokes as MNIST has them: how thick they are, thin ones made thicker, those of few pixels smooth. */

import { BOX } from "./centered.js";
import { measureDistances } from "./distance.js";
import { rangeOf, roundHalfToEven } from "./levels.js";
import { dilate, makeEllipse } from "./morphology.js";
import { boundsOf, crop, makeRaster, mapLevels, maskAbove, pad } from "./raster.js";
import { resizeCubic, shrinkByArea } from "./resize.js";

/** Width of strokes, in pixels of the digit image, below which they are thickened. */
export const THINNEST = 2.1;

/** What they are then. (Of MNIST's training digits, by the same measure, 98 % have 2.8 to 5.7.) */
const THICKENED = 2.7;

/** Times that ink becomes larger in the digit image, from which on its pixels are seen as steps. */
const COARSE = 1.2;

/** Share of its pixels that are neither paper nor full, from which on ink has soft edges. */
const SOFT = 0.1;

/** How many pixels there are, along each side, to one of the digit image while strokes are thickened. */
const FINER = 4;

/** Widen strokes that would be thinner in the digit image than any of MNIST's, and smooth steps. */
export function evenStrokes(ink) {
  return smoothSteps(thicken(ink));
}

/**
 * Blur black and white ink of so few pixels that they would be seen as steps, which MNIST's never are.
 *
 * @param {import("./raster.js").Raster} ink One digit and nothing else.
 * @returns {import("./raster.js").Raster} The digit alone, each pixel of which has given an eighth of its ink
 *   to each neighbor across, and then down; the same where there are pixels enough, or its edges are soft.
 */
export function smoothSteps(ink) {
  const bounds = boundsOf(ink);
  if (!bounds) return ink;
  const box = crop(ink, bounds);
  if (COARSE * Math.max(box.width, box.height) > BOX) return ink;
  const inked = box.data.filter((level) => level);
  if (inked.filter((level) => level < 255).length >= SOFT * inked.length) return ink;
  const { data, width } = pad(box, 1);
  const across = (at) => data[at - 1] + 6 * data[at] + data[at + 1];
  const blurred = makeRaster(box.width, box.height);
  for (let row = 0, to = 0; row < box.height; row++) {
    for (let column = 0; column < box.width; column++, to++) {
      const at = (row + 1) * width + column + 1;
      blurred.data[to] = (across(at - width) + 6 * across(at) + across(at + width) + 32) >> 6;
    }
  }
  return blurred;
}

/**
 * Widen strokes that would be thinner in the digit image than any of MNIST's.
 *
 * @param {import("./raster.js").Raster} ink One digit and nothing else.
 * @returns {import("./raster.js").Raster} The digit alone, at another scale; the same where strokes are wide
 *   enough.
 */
export function thicken(ink) {
  const bounds = boundsOf(ink);
  if (!bounds) return ink;
  const box = crop(ink, bounds);
  const longer = Math.max(box.width, box.height);
  if ((strokeWidth(box) * BOX) / longer >= THINNEST) return ink;
  const fine = refine(box, (FINER * BOX) / longer);
  const missing = Math.max(0, roundHalfToEven(THICKENED * FINER - strokeWidth(fine)));
  return dilate(pad(fine, missing), makeEllipse(missing + 1));
}

/** Scale ink, and make it full again: hairlines pale. */
function refine(box, scale) {
  const size = [box.width, box.height].map((side) => Math.max(1, roundHalfToEven(side * scale)));
  const fine = scale < 1 ? shrinkByArea(box, ...size) : resizeCubic(box, ...size);
  const full = Math.fround(255 / Math.max(1, rangeOf(fine.data)[1]));
  return mapLevels(fine, (level) => Math.min(255, roundHalfToEven(level * full)));
}

/**
 * Return the mean width of the strokes, in pixels: within one, of strokes wider than one.
 *
 * A bar's pixels are a quarter of its width away from its edge, on average.
 */
export function strokeWidth(ink) {
  const { data } = measureDistances(pad(maskAbove(ink, 127), 1));
  let [sum, count] = [0, 0];
  for (let at = 0; at < data.length; at++) {
    if (!data[at]) continue;
    sum += data[at];
    count++;
  }
  return count ? (4 * sum) / count - 1 : 1;
}
