/** What is ink in a grey picture, and what is paper. */

import { SMALLEST } from "./isolate.js";
import { clip, countLevels, findQuantile, findThreshold } from "./levels.js";
import { meanLevel, roundHalfToEven, total } from "./levels.js";
import { SURROUNDINGS, estimatePaper } from "./paper.js";
import { invert, likeRaster, mapLevels } from "./raster.js";

/** Darkness, of 255, that most strokes reach where there is ink. */
export const NOISE = 20;

/**
 * Standard deviations within ink and within paper that lie between their means, at least. (Between the halves
 * of a slope of light lie 3.5, between those of Gaussian noise 2.7.)
 */
const APART = 3.6;

/** How much a picture's border counts beside the whole, where it is asked which shades are paper. */
const BORDER = 0.75;

/** Side of the neighborhood in a picture that is a digit and nothing else: its strokes take more of it. */
const WIDER = 0.75;

/**
 * Turn a grey picture, dark on light or light on dark, into ink.
 *
 * Ink has the rarer shades, paper the others. Paper may be lit unevenly: at each place it is as light as the
 * lightest part around. Ink is darker than that, by more than the paper's texture, and is stretched so that
 * strokes are full: at least a quarter of it is 255.
 *
 * @param {import("./raster.js").Raster} grey Uint8Array, 0 black … 255 white.
 * @returns {import("./raster.js").Raster} Uint8Array, 0 paper … 255 ink; all zero where nothing stands out.
 */
export function extractInk(grey) {
  if (!grey.data.length) return grey;
  const light = hasDarkPaper(grey) ? invert(grey) : grey;
  const surroundings = Math.min(light.width, light.height) < SMALLEST ? WIDER : SURROUNDINGS;
  return stretch(subtract(estimatePaper(light, { surroundings }), light));
}

/** Tell whether the rarer shades are light: by the skewness, which noise and slopes of light lack. */
function hasDarkPaper({ data, width, height }) {
  const lines = [data.subarray(0, width), data.subarray(width * (height - 1))];
  const border = lines.map((line) => countLevels(line));
  for (const column of [0, width - 1]) {
    border.push(countLevels(Uint8Array.from({ length: height }, (_, row) => data[row * width + column])));
  }
  const whole = countLevels(data);
  const shares = whole.map((count, level) => {
    const atBorder = border.reduce((sum, counts) => sum + counts[level], 0);
    return count / data.length + (BORDER * atBorder) / (2 * (width + height));
  });
  const mean = meanLevel(shares);
  return total(shares.map((share, level) => share * (level - mean) ** 3)) > 0;
}

/** Return by how much one picture is above another; 0 where it is below. */
function subtract(one, other) {
  const rest = likeRaster(one);
  for (let at = 0; at < rest.data.length; at++) rest.data[at] = Math.max(0, one.data[at] - other.data[at]);
  return rest;
}

/** Make the paper's texture 0 and full strokes 255. */
function stretch(darkness) {
  const counts = countLevels(darkness.data);
  const threshold = findThreshold(counts);
  const ofPaper = counts.map((count, level) => (level <= threshold ? count : 0));
  const ofInk = counts.map((count, level) => (level > threshold ? count : 0));
  if (!areApart(ofPaper, ofInk)) return likeRaster(darkness);
  const texture = Math.min(findQuantile(ofPaper, 0.9), 0.8 * threshold);
  const full = findQuantile(ofInk, 0.75);
  if (full < NOISE) return likeRaster(darkness);
  const scale = 255 / (full - texture);
  return mapLevels(darkness, (level) => roundHalfToEven(clip((level - texture) * scale, 0, 255)));
}

/** Tell whether paper and ink, as counts of each level, are two kinds rather than halves of one. */
function areApart(ofPaper, ofInk) {
  const kinds = [ofPaper, ofInk];
  if (!kinds.every((kind) => total(kind))) return false;
  const means = kinds.map(meanLevel);
  const squares = kinds.map((kind, at) => sumSquares(kind, means[at]));
  const spread = Math.sqrt((squares[0] + squares[1]) / (total(ofPaper) + total(ofInk)));
  return means[1] - means[0] >= APART * spread;
}

function sumSquares(counts, mean) {
  return total(counts.map((count, level) => count * (level - mean) ** 2));
}
