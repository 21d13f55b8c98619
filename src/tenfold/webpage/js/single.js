/** Whether a picture shows one digit, or one sign, from near by. */

import { hullOf } from "./connected.js";
import { MARGIN } from "./isolate.js";
import { greatest, sidesOf } from "./locate.js";

/** Longer side of a picture, of the shorter, up to which its margin may hold remains of a grid. */
export const SQUARE = 1.5;

/** Longer side of a picture, in pixels and of the shorter, up to which it is a digit as data sets have it. */
const THUMBNAIL = 48;
const EVEN = 1.1;

/** Longer side of a part, of the largest's, below which it is a speck. */
const SPECK = 0.05;

/** Share of the ink that one sign has, at least, where there is but one. (Beside a digit a 1 has a fifth.) */
const ALONE = 0.85;

/** Of one sign. */
const MOST_PARTS = 4;

/** Width by height of a digit, at most. */
const WIDEST = 1.3;

/** Height of a sign, in the longest side of its parts, at most. */
const TALLEST = 1.6;

/** Share of its box that a frame fills, at most. */
const HOLLOW = 0.35;

/** Height of what is in a frame, at least, in heights of the frame. */
const INSIDE = 0.3;

/** Distance from an edge, of the picture's side, up to which ink reaches it, and from which on it is away. */
const EDGE = 0.04;
const AWAY = 0.08;

/** Width by height of a bar, and the share of its box that it fills, at least. */
const FLAT = 3;
const SOLID = 0.5;

const { max, min } = Math;

/**
 * Tell whether ink is one digit, or one sign such as "÷", perhaps with remains of a grid around it.
 *
 * @param {import("./locate.js").Parts} found Of the picture.
 */
export function showsOneSign({ ink, parts }) {
  const kept = leaveOutRemains(ink, parts);
  if (!kept.length || isThumbnail(ink)) return true;
  if (hasFrame(kept, ink)) return false;
  const { box } = largestOf(kept);
  const stacked = kept.filter((part) => isStacked(part.box, box));
  if (stacked.length > MOST_PARTS || areaOf(stacked) < ALONE * areaOf(kept)) return false;
  const [width, height] = sidesOf(hullOf(stacked.map((part) => part.box)));
  if (height > TALLEST * max(...stacked.flatMap((part) => sidesOf(part.box)))) return false;
  return width <= WIDEST * height || isBar(largestOf(parts));
}

/** Tell whether a picture is one of a digit, as data sets have them. */
export function isThumbnail({ width, height }) {
  const longer = max(width, height);
  return longer <= THUMBNAIL && longer <= EVEN * min(width, height);
}

/**
 * Tell whether the largest part may be a digit joined to a grid or a neighbor: it reaches an edge.
 *
 * And it is away from the one across: else it is a sign in a picture that was cut to its box.
 */
export function mayBeJoined({ ink: { width, height }, parts }) {
  const [left, top, right, bottom] = largestOf(parts).box;
  const pairs = [[left / width, 1 - right / width], [top / height, 1 - bottom / height]];
  return pairs.some((pair) => min(...pair) <= EDGE && max(...pair) >= AWAY);
}

/** Tell whether a part is flat and solid: a dash, never digits that touch. */
export function isBar({ box, area }) {
  const [wide, high] = sidesOf(box);
  return wide >= FLAT * high && area >= SOLID * wide * high;
}

export function largestOf(parts) {
  return greatest(parts, ({ area }) => area);
}

function areaOf(parts) {
  return parts.reduce((sum, { area }) => sum + area, 0);
}

/** Tell whether a box is above, below or within another. */
function isStacked(box, other) {
  const shared = min(box[2], other[2]) - max(box[0], other[0]);
  return shared > 0.3 * min(sidesOf(box)[0], sidesOf(other)[0]);
}

/** Tell whether the widest part is a frame around what may be a digit, and no remains of a grid. */
function hasFrame(parts, { width, height }) {
  const { box, area } = greatest(parts, (part) => sidesOf(part.box)[0] * sidesOf(part.box)[1]);
  const [left, top, right, bottom] = box;
  const isInside = (one) => one[0] > left && one[1] > top && one[2] < right && one[3] < bottom;
  const isHigh = (one) => sidesOf(one)[1] >= INSIDE * (bottom - top);
  const isFilled = parts.some((part) => isInside(part.box) && isHigh(part.box));
  const isWhole = left > 0 && top > 0 && right < width && bottom < height;
  return isFilled && isWhole && area <= HOLLOW * (right - left) * (bottom - top);
}

/** Return the parts that are no specks, nor in the margin of a picture of one digit. */
function leaveOutRemains({ width, height }, parts) {
  const isCentral = (middle) => middle > MARGIN && middle < 1 - MARGIN;
  const isOneDigit = max(width, height) <= SQUARE * min(width, height);
  const inside = parts.filter(({ box: [left, top, right, bottom] }) => {
    return !isOneDigit || (isCentral((left + right) / 2 / width) && isCentral((top + bottom) / 2 / height));
  });
  const longest = inside.reduce((most, { box }) => max(most, ...sidesOf(box)), 0);
  return inside.filter(({ box }) => max(...sidesOf(box)) >= SPECK * longest);
}
