/** Which of the ink is the digit: not the grid around it, not its neighbors, not specks. */

import { findConnected, hullOf } from "./connected.js";
import { dilate, makeRectangle } from "./morphology.js";
import { hasAny, keepWhere, makeRaster, maskAbove, merge } from "./raster.js";
import { SOLID, eraseEdgeRules } from "./ruled.js";

/** Side of a picture, in pixels, below which it is a digit and nothing else. */
export const SMALLEST = 24;

/** Size of a part, of the digit's, below which it is a speck. */
const SPECK = 0.01;

/** How far from the digit's box its other parts may be, of the box's larger side. */
const REACH = 0.25;

/** How often it is asked which parts are near to those found before: a digit may be in pieces. */
const N_STEPS = 3;

/**
 * By how much the logarithm of its weight falls as a part is away from the picture's center: times the square
 * of the distance, in sides of the picture.
 */
export const CENTRAL = 6;

/** Of a picture's side, at each edge: where what is left of a grid is. */
export const MARGIN = 0.15;

/**
 * The connected parts of a mask, from the most likely digit to the least; each knows as well how many of its
 * pixels are not in the picture's margin, `inside`, and whether it touches an edge, `touches`.
 *
 * @typedef {{labels: import("./raster.js").Raster, parts: object[]}} Parts
 */

/**
 * Keep the digit, and erase remains of grid lines, neighbors and specks.
 *
 * The digit is the part with most ink inside of the margin, the more so the nearer to the center, and what is
 * close to it. Where it is joined to a line along an edge, the line is erased.
 *
 * @param {import("./raster.js").Raster} ink A picture of one digit. If a side has under 24 pixels, it comes
 *   back as it is.
 * @returns {import("./raster.js").Raster}
 */
export function isolateDigit(ink) {
  const mask = maskAbove(ink, SOLID);
  if (Math.min(ink.width, ink.height) < SMALLEST || !hasAny(mask)) return ink;
  let found = findParts(mask);
  if (found.parts[0].touches) found = freeFromLines(mask, found);
  const kept = keepParts(found);
  return keepWhere(ink, dilate(kept, makeRectangle(3, 3))); // with the soft edges of its strokes
}

function keepParts({ labels, parts }) {
  const isKept = new Uint8Array(parts.length + 1);
  for (const { number } of belong(parts, labels)) isKept[number] = 1;
  const kept = makeRaster(labels.width, labels.height);
  for (let at = 0; at < kept.data.length; at++) kept.data[at] = isKept[labels.data[at]];
  return kept;
}

/** @returns {Parts} */
function findParts(mask) {
  const { width, height } = mask;
  const { labels, parts } = findConnected(mask);
  const inside = countInside(labels, parts.length);
  for (const part of parts) {
    const [left, top, right, bottom] = part.box;
    part.inside = inside[part.number];
    part.touches = left === 0 || top === 0 || right === width || bottom === height;
    part.likely = likelihood(part, width, height);
  }
  return { labels, parts: parts.sort((one, other) => other.likely - one.likely) };
}

/** Return how likely it is that a part is the digit, in no unit. */
function likelihood({ inside, area, center, touches }, width, height) {
  const distance = (center[0] / width - 0.5) ** 2 + (center[1] / height - 0.5) ** 2;
  return (inside + 0.01 * area) * Math.exp(-CENTRAL * distance) * (touches ? 0.5 : 1);
}

/** Return how many pixels of each part, by its number, are not in the margin. */
function countInside({ data, width, height }, nParts) {
  const [right, down] = [width, height].map((side) => Math.max(1, Math.trunc(MARGIN * side)));
  const counts = new Int32Array(nParts + 1);
  for (let row = down; row < height - down; row++) {
    for (let at = row * width + right; at < row * width + width - right; at++) counts[data[at]]++;
  }
  return counts;
}

/** Return the parts that there are without the lines that the first is joined to; else those given. */
function freeFromLines(mask, found) {
  const [first] = found.parts;
  const joined = merge(mask, found.labels, (_, label) => (label === first.number ? 1 : 0));
  const rest = eraseEdgeRules(joined);
  if (rest === joined || !hasAny(rest)) return found;
  if (findParts(rest).parts[0].area <= MARGIN * first.area) return found;
  const others = merge(mask, joined, (is, isJoined) => is & ~isJoined);
  return findParts(merge(others, rest, (one, other) => one | other));
}

/** Return the parts that are the digit's: the first, and what is near it that is no speck and no remains. */
function belong(parts, { width, height }) {
  const [first] = parts;
  const isIntruder = (part) => part.touches && (!first.touches || isLine(part, width, height));
  const kept = new Set([first]);
  const others = parts.slice(1).filter((part) => part.area >= SPECK * first.area && !isIntruder(part));
  for (let step = 0; step < N_STEPS; step++) {
    const around = hullOf([...kept].map(({ box }) => box));
    const reach = REACH * Math.max(around[2] - around[0], around[3] - around[1]);
    others.filter(({ box }) => gapBetween(box, around) <= reach).forEach((part) => kept.add(part));
  }
  return kept;
}

function gapBetween(box, [left, top, right, bottom]) {
  return Math.max(box[0] - right, box[1] - bottom, left - box[2], top - box[3]);
}

/** Tell whether a part runs along an edge: long, and four fifths of it in the margin. */
function isLine({ box: [left, top, right, bottom], inside, area }, width, height) {
  return inside < 0.2 * area && Math.max((right - left) / width, (bottom - top) / height) > 0.5;
}
