/** Ruled lines, boxes and grids: found and erased, without the strokes that cross them. */

import { median, roundHalfToEven } from "./levels.js";
import { close, dilate, makeRectangle, open } from "./morphology.js";
import { crop, hasAny, keepWhere, likeRaster, makeRaster } from "./raster.js";
import { maskAbove, merge, pad, transpose } from "./raster.js";

/** Ink, of 255, that holds strokes together. */
export const SOLID = 96;

/** Length of a rule, at least, and its thickness, at most, in heights of a digit. */
const LONG = 1.45;
const THIN = 0.22;

/** Length of a grid line at an edge, at least, of the picture's smaller side. */
const ALONG = 0.95;

/** Thickness of such a line, and how far from the edge it is, at most, of the same. */
const THICKEST = 0.12;
const NEAR = 0.22;

/** Of rules that are level in a picture that is not. */
const SLOPES = Array.from({ length: 25 }, (_, at) => -0.12 + at * 0.01);

/** Pixels of ink that are looked at to find the slope. */
const MOST_POINTS = 20_000;

const { max, min } = Math;
const both = (one, other) => one & other;
const either = (one, other) => one | other;
const without = (one, other) => one & ~other;

/**
 * Erase lines that are straight, long, thin, and level or upright.
 *
 * @param {import("./raster.js").Raster} ink
 * @param {number} height Of a digit, in pixels, about.
 * @param {number} [slope] That of level lines, where it is known.
 * @returns {import("./raster.js").Raster} Strokes that cross a rule stay whole. The very object that was
 *   given, if there are no rules.
 */
export function eraseRules(ink, height, slope) {
  const mask = maskAbove(ink, SOLID);
  const sizes = { length: LONG * height, thickness: THIN * height };
  const level = findLevel(mask, { ...sizes, slope });
  const upright = transpose(findLevel(transpose(mask), sizes));
  return eraseLines(ink, mask, { level, upright, gap: THIN * height });
}

/** Erase lines that run through at least half of the picture, whatever the height of its digits. */
export function eraseLongRules(ink, slope) {
  const mask = maskAbove(ink, SOLID);
  const thickness = 0.1 * mask.height;
  const level = findLevel(mask, { length: 0.5 * mask.width, thickness, slope });
  return eraseLines(ink, mask, { level, upright: likeRaster(mask), gap: thickness });
}

/** Erase the grid lines along the edges of a mask of one digit; without such lines it comes back itself. */
export function eraseEdgeRules(mask) {
  const side = min(mask.width, mask.height);
  const sizes = { length: ALONG * side, thickness: THICKEST * side };
  const depth = max(1, roundHalfToEven(NEAR * side));
  const level = keepEdges(findLevel(mask, sizes), depth);
  const upright = transpose(keepEdges(findLevel(transpose(mask), sizes), depth));
  return eraseLines(mask, mask, { level, upright, gap: THICKEST * side });
}

/** Keep the first and the last rows. */
function keepEdges(mask, depth) {
  if (mask.height > 2 * depth) mask.data.fill(0, depth * mask.width, (mask.height - depth) * mask.width);
  return mask;
}

/**
 * Erase lines that were found, but for the strokes that cross them.
 *
 * @returns {import("./raster.js").Raster} The very object that was given, if there are no lines.
 */
export function eraseLines(ink, mask, { level, upright, gap }) {
  const rules = merge(level, upright, either);
  if (!hasAny(rules)) return ink;
  let strokes = merge(mask, rules, without);
  const across = findCrossings(mask, strokes, level, gap);
  const down = findCrossings(transpose(mask), transpose(strokes), transpose(upright), gap);
  strokes = merge(strokes, merge(across, transpose(down), either), either);
  const widened = dilate(strokes, makeRectangle(3, 3)); // by their soft edges
  return keepWhere(ink, merge(widened, merge(rules, strokes, without), without));
}

/** Return where there are lines that are level, but for the slope that most of them share. */
export function findLevel(mask, { length, thickness, slope }) {
  const nColumns = max(3, min(roundHalfToEven(length), roundHalfToEven(0.97 * mask.width)));
  if (!hasAny(findLong(reduceToRow(mask), nColumns))) return likeRaster(mask); // too short at any slope
  const known = slope ?? findSlope(mask);
  const straight = shear(mask, -known);
  const long = findLong(dilate(straight, makeRectangle(1, 3)), nColumns); // aslant it is a staircase
  const thick = open(long, 1, max(4, roundHalfToEven(thickness) + 2));
  const thin = merge(merge(long, thick, without), straight, both);
  return hasAny(thin) ? merge(shear(thin, known), mask, both) : thin;
}

/** Return 1 for each column that has any ink. */
function reduceToRow({ data, width, height }) {
  const row = makeRaster(width, 1);
  for (let at = 0; at < width * height; at++) if (data[at]) row.data[at % width] = 1;
  return row;
}

/** Return where rows of a mask have lines so long, perhaps with gaps. */
function findLong(mask, nColumns) {
  const whole = close(mask, makeRectangle(max(3, Math.floor(nColumns / 8)), 1));
  return open(whole, nColumns, 1);
}

/** Return the slope, in rows per column, along which the ink of a mask gathers most in lines. */
export function findSlope(mask, mostPoints = MOST_POINTS) {
  const points = findPoints(mask, mostPoints);
  if (!points.length) return 0;
  const reach = roundHalfToEven(SLOPES.at(-1) * mask.width) + 1;
  const lines = new Int32Array(mask.height + 2 * reach);
  let [best, most] = [0, -1];
  for (const slope of SLOPES) {
    lines.fill(0);
    for (const [column, row] of points) lines[roundHalfToEven(row - slope * column) + reach]++;
    const squares = lines.reduce((sum, count) => sum + count * count, 0);
    if (squares > most) [best, most] = [slope, squares];
  }
  return best;
}

function findPoints({ data, width }, mostPoints) {
  const places = [];
  for (let at = 0; at < data.length; at++) if (data[at]) places.push(at);
  const step = places.length > mostPoints ? Math.floor(places.length / mostPoints) + 1 : 1;
  const kept = places.filter((_, at) => at % step === 0);
  return kept.map((at) => [at % width, Math.floor(at / width)]);
}

/** Move each column down by the slope times its place. */
function shear(mask, slope) {
  if (!slope) return mask;
  const { width, height } = mask;
  const sheared = makeRaster(width, height);
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      const from = roundHalfToEven(Math.fround(row - Math.fround(slope) * column));
      if (from >= 0 && from < height) sheared.data[at] = mask.data[from * width + column];
    }
  }
  return sheared;
}

/** Return the parts of level rules that are strokes: with ink above and below, or thick. */
function findCrossings(mask, strokes, rules, gap) {
  if (!hasAny(rules)) return likeRaster(rules);
  const thick = open(mask, 1, roundHalfToEven(1.5 * thicknessOf(rules)) + 1);
  const reach = roundHalfToEven(gap) + 4;
  const closed = close(pad(strokes, 0, reach), makeRectangle(1, reach));
  const bridged = crop(closed, [0, reach, mask.width, reach + mask.height]);
  return merge(merge(bridged, thick, either), rules, both);
}

/** Return how many level lines most columns cross. */
export function countLines({ data, width, height }) {
  const counts = new Int32Array(width);
  for (let at = 0; at < width * height; at++) {
    if (data[at] && !(at >= width && data[at - width])) counts[at % width]++;
  }
  return counts.sort()[width >> 1];
}

/** Return the median thickness of level rules, in pixels. */
export function thicknessOf({ data, width, height }) {
  const found = [];
  for (let column = 0; column < width; column++) {
    let length = 0;
    for (let row = 0; row <= height; row++) {
      if (row < height && data[row * width + column]) length++;
      else if (length) {
        found.push(length);
        length = 0;
      }
    }
  }
  return median(found);
}
