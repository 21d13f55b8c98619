/** Squared paper seen from near by: its lines run through the whole picture, from edge to edge. */

import { findConnected } from "./connected.js";
import { sidesOf } from "./locate.js";
import { dilate, makeRectangle } from "./morphology.js";
import { crop, hasAny, keepWhere, likeRaster, maskAbove, transpose } from "./raster.js";
import { SOLID, countLines, eraseLines, findLevel, findSlope, thicknessOf } from "./ruled.js";
import { strokeWidth } from "./strokes.js";

/** Side of a picture, in pixels, below which no lines can be told from strokes. */
const SMALLEST = 48;

/** Longer side of a picture, of its shorter, beyond which lines are those of boxes with a digit in each. */
const WIDEST = 4;

/** Ink, of 255, of a line, at least. */
const PALE = 64;

/** Length of a line, at least, of the picture's side along it. */
const THROUGH = 0.9;

/** Its thickness, at most, of the picture's smaller side. */
const THIN = 0.06;

/** Pixels of ink that are looked at to find the slope of lines so long. */
const MOST_POINTS = 2_000;

/** Lines, at least, level and upright together, unless they are thinner than strokes: a plus sign has two. */
const FEWEST = 3;

/** Thickness of such thin lines, at most, of what else there is. */
const FINE = 0.6;

/** Size of what is left of two lines where they cross, at most, in thicknesses of a line. */
const DOT = 3;

/** Thickness of what is left of a line along an edge, at most, in the same. */
const SIDE = 2.5;

/** Longer side of the largest stroke, at least, of the picture's smaller side. */
const LEAST = 0.1;

const { max, min } = Math;

/**
 * Erase the lines of squared paper in a picture of a few digits.
 *
 * @param {import("./raster.js").Raster} ink
 * @returns {import("./raster.js").Raster} What is written, without specks; all zero where nothing is. The very
 *   object that was given, if it shows no squared paper.
 */
export function eraseSquares(ink) {
  const mask = maskAbove(ink, PALE);
  const [shorter, longer] = [min(ink.width, ink.height), max(ink.width, ink.height)];
  if (shorter < SMALLEST || longer > WIDEST * shorter || !reachesAllEdges(mask)) return ink;
  const thickest = THIN * shorter;
  const level = findThrough(mask, thickest);
  const nLevel = countLines(level);
  if (!nLevel) return ink;
  const upright = findThrough(transpose(mask), thickest);
  const nUpright = countLines(upright);
  if (!nUpright) return ink;
  const written = eraseLines(ink, mask, { level, upright: transpose(upright), gap: thickest });
  const thickness = max(thicknessOf(level), thicknessOf(upright));
  const left = keepWhere(written, withoutRemains(written, thickness));
  const isFine = () => hasAny(left) && thickness <= FINE * strokeWidth(left);
  return nLevel + nUpright >= FEWEST || isFine() ? left : ink;
}

/** Tell whether there is ink along each edge: a quick way to see that no lines run through. */
function reachesAllEdges(mask) {
  const { width, height } = mask;
  const [down, right] = [height, width].map((side) => max(1, Math.floor((1 - THROUGH) * side)));
  const edges = [
    [0, 0, width, down],
    [0, height - down, width, height],
    [0, 0, right, height],
    [width - right, 0, width, height],
  ];
  return edges.every((edge) => hasAny(crop(mask, edge)));
}

/** Return where lines run through a mask from left to right. */
function findThrough(mask, thickness) {
  const slope = findSlope(mask, MOST_POINTS);
  return findLevel(mask, { length: THROUGH * mask.width, thickness, slope });
}

/** Return 1 where there is more than remains of lines: dots, and what is thin along an edge. */
function withoutRemains(ink, thickness) {
  const { labels, parts } = findConnected(maskAbove(ink, SOLID));
  const kept = parts.filter(({ box }) => {
    const [wide, high] = sidesOf(box);
    const isAside = (box[0] === 0 || box[2] === ink.width) && wide <= SIDE * thickness;
    const isAbove = (box[1] === 0 || box[3] === ink.height) && high <= SIDE * thickness;
    return !isAside && !isAbove && max(wide, high) > DOT * thickness;
  });
  const mask = likeRaster(ink);
  const longest = max(0, ...kept.flatMap(({ box }) => sidesOf(box)));
  if (longest < LEAST * min(ink.width, ink.height)) return mask;
  const isKept = new Uint8Array(parts.length + 1);
  for (const { number } of kept) isKept[number] = 1;
  for (let at = 0; at < mask.data.length; at++) mask.data[at] = isKept[labels.data[at]];
  return dilate(mask, makeRectangle(3, 3));
}
