/** What stands between and behind digits: commas, points, dashes, and the mark after amounts. */

import { hullOf } from "./connected.js";
import { median } from "./levels.js";
import { greatest, sidesOf } from "./locate.js";

/** How far below the top of the digits beside it a comma begins, at least, of their height. */
const HANGING = 0.45;

/** How far below them it begins, at most, of the same. */
const BELOW = 0.3;

/** Height of one, at most, of the same. */
const SHORTER = 0.9;

/** Width of a point, below which it is one, in heights of the usual digit. */
const SHORTEST = 0.45;

/** Width of a dash, at least, in its own heights and in those of a digit. */
const FLAT = 1.8;
const DASH = 0.2;

/**
 * Height of the slash that ends an amount, at least, in heights of a digit; and the correlation of the rows
 * and columns of its ink, at most.
 */
const SLASH = 1.15;
const STRAIGHT = -0.9;

/** Leave out what is shorter than its line and hangs from its lower half; return its boxes as well. */
export function takeCommas(pieces) {
  const hulls = pieces.map((piece) => hullOf(piece.map(({ box }) => box)));
  const height = median(hulls.map((hull) => sidesOf(hull)[1]));
  const isComma = hulls.map((hull, at) => {
    const top = median(hulls.slice(Math.max(0, at - 2), at + 3).map((near) => near[1]));
    return hull[1] > top + HANGING * height && sidesOf(hull)[1] < SHORTER * height;
  });
  return { pieces: pieces.filter((_, at) => !isComma[at]), commas: hulls.filter((_, at) => isComma[at]) };
}

/** Tell whether a stroke is flat and at half the height of the digits to its left. */
export function isDash([left, top, right, bottom], hulls, height) {
  const before = hulls.filter((hull) => hull[2] <= left + 0.3 * height);
  if (right - left < Math.max(FLAT * (bottom - top), DASH * height) || !before.length) return false;
  const nearest = greatest(before, (hull) => hull[2]);
  const level = ((top + bottom) / 2 - nearest[1]) / (nearest[3] - nearest[1]);
  return level > 0.1 && level < 0.9;
}

/** Return the boxes of strokes that are points or commas at the foot of the line. */
export function findJoints(strokes, hulls, height) {
  return strokes.map(({ box }) => box).filter(([left, top, right]) => {
    const nearest = greatest(hulls, (hull) => -Math.abs((hull[0] + hull[2]) / 2 - left));
    const isAtFoot = top > nearest[1] + HANGING * height && top < nearest[3] + BELOW * height;
    return isAtFoot && right - left < SHORTEST * height;
  });
}

/** Leave out the mark "/-" that is written after amounts: a tall slash, and a dash to its right. */
export function dropAmountMark(found, line, strokes) {
  if (line.length < 2 || !strokes.length) return [line, strokes];
  const last = line.at(-1);
  const height = median(line.map(({ box }) => sidesOf(box)[1]));
  const dashes = strokes.filter(({ box }) => {
    const [wide, high] = sidesOf(box);
    const gap = box[0] - last.box[2];
    const isLevel = last.box[1] - 0.5 * height < box[1] && box[1] < last.box[3];
    return wide >= FLAT * high && -0.5 * height < gap && gap < height && isLevel;
  });
  const isMark = dashes.length && sidesOf(last.box)[1] >= SLASH * height && isSlash(found, last);
  return isMark ? [line.slice(0, -1), strokes.filter((stroke) => !dashes.includes(stroke))] : [line, strokes];
}

/** Tell whether a part is a straight stroke that rises to the right. */
function isSlash({ labels }, { number, box: [left, top, right, bottom] }) {
  const sums = { n: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0 };
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      if (labels.data[y * labels.width + x] === number) add(sums, x - left, y - top);
    }
  }
  const { n, x, y, xx, yy, xy } = sums;
  const spread = Math.sqrt((n * xx - x * x) * (n * yy - y * y));
  return spread > 0 && (n * xy - x * y) / spread < STRAIGHT;
}

function add(sums, x, y) {
  sums.n += 1;
  sums.x += x;
  sums.y += y;
  sums.xx += x * x;
  sums.yy += y * y;
  sums.xy += x * y;
}
