/** The connected parts of the ink, without the rules around them. */

import { findConnected } from "./connected.js";
import { hasAny, keepWhere, makeRaster, maskAbove, merge } from "./raster.js";
import { SOLID, eraseLongRules, eraseRules, findSlope } from "./ruled.js";

/** Height of a digit, at least, in pixels. */
const SMALLEST = 6;

/** Of what is too large for a digit, in heights of one. */
const LARGE = 2;

/** How long lines are in there, as a share of what they are elsewhere. */
const SHORTER = 0.7;

/**
 * @typedef {object} Parts
 * @property {import("./raster.js").Raster} ink 0 paper … 255 ink, without rules.
 * @property {import("./raster.js").Raster} labels For each pixel the number of its part, or 0.
 * @property {import("./connected.js").Part[]} parts
 */

/**
 * Find the connected parts of ink.
 *
 * @param {import("./raster.js").Raster} ink
 * @returns {Parts}
 */
export function connect(ink) {
  return { ink, ...findConnected(maskAbove(ink, SOLID)) };
}

/** Find the connected parts of the same ink without ruled lines and boxes. */
export function withoutRules(found) {
  const slope = findSlope(maskAbove(found.ink, SOLID));
  const rough = eraseLongRules(found.ink, slope);
  const height = typicalHeight(rough === found.ink ? found : connect(rough));
  const cleaned = eraseRules(found.ink, height, slope);
  if (cleaned === found.ink) return found;
  const left = connect(cleaned);
  const joined = maskLarge(left, LARGE * height);
  if (!hasAny(joined)) return left;
  // Digits that hang on what is left of a grid: shorter pieces of line are erased there.
  const freed = eraseRules(keepWhere(cleaned, joined), SHORTER * height);
  const others = merge(cleaned, joined, (value, isJoined) => (isJoined ? 0 : value));
  return connect(merge(freed, others, (one, other) => one | other));
}

/** Return 1 where parts are longer than that, else 0. */
function maskLarge({ labels, parts }, limit) {
  const isLarge = [0, ...parts.map((part) => (Math.max(...sidesOf(part.box)) > limit ? 1 : 0))];
  const mask = makeRaster(labels.width, labels.height);
  for (let at = 0; at < mask.data.length; at++) mask.data[at] = isLarge[labels.data[at]];
  return mask;
}

/** Return the height of most digits, in pixels: of parts that are no specks, lines or frames. */
export function typicalHeight({ ink, parts }) {
  const smaller = Math.min(ink.width, ink.height);
  const digits = parts.filter((part) => mayBeDigit(part, ink.height, smaller));
  const heights = digits.map(({ box }) => box[3] - box[1]);
  if (!heights.length) return Math.max(SMALLEST, 0.5 * smaller);
  heights.sort((one, other) => one - other);
  const enough = 0.6 * heights.reduce((sum, height) => sum + height, 0);
  let below = 0;
  return heights.find((height) => (below += height) >= enough);
}

function mayBeDigit({ box, area }, rows, smaller) {
  const [wide, high] = sidesOf(box);
  const isSpeck = high < SMALLEST || Math.max(wide, high) < 0.02 * smaller;
  const isFrame = (wide > 2 * high || high > 0.5 * rows) && area < 0.15 * wide * high;
  return !isSpeck && !isFrame && Math.max(wide / high, high / wide) <= 4;
}

/** Return the width and the height of a box. */
export function sidesOf([left, top, right, bottom]) {
  return [right - left, bottom - top];
}

/** Return the member of which a measure is greatest: of several the first. */
export function greatest(members, measure) {
  return members.reduce((best, one) => (measure(one) > measure(best) ? one : best));
}
