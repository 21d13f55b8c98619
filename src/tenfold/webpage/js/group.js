/** Parts in lines from left to right, and lines in numbers. */

import { hullOf } from "./connected.js";
import { median } from "./levels.js";
import { greatest, sidesOf, typicalHeight } from "./locate.js";
import { dropAmountMark, findJoints, isDash, takeCommas } from "./marks.js";
import { isBar } from "./single.js";

/** Of digits, and of strokes that may be part of one, in heights of the usual digit. */
const TALLEST = 2.2;
const SHORTEST = 0.45;
const WIDEST = 4;
const SPECK = 0.12;

/** Width of what is at the edge of a crop and left of a line, at most, in heights of the usual digit. */
const SLIVER = 0.15;

/** How much a digit overlaps with the line before it, at least, of the lower one's height. */
const LEVEL = 0.3;

/** Digits of a line that are looked at to see at which level it is. */
const NEIGHBORS = 3;

/** How much parts of a digit overlap that lie above each other, of the narrower one's width. */
const ABOVE = 0.6;

/** How far from a digit a stroke of it may be, of its height. */
const NEAR = 0.15;

/** How far below a digit's top a stroke of it begins, at most, of its height: commas begin lower. */
const LOWEST = 0.7;

/** How far below a 5's top the bar beside it ends, at most, of its height. */
const BAR = 0.4;

/** Width of a dash, at least, in its own heights. */
const FLAT = 1.8;

/** Gap that parts two numbers, at least, in heights of their digits. */
const APART = 1.2;

/** How much wider it is than the usual gap of its line, at least. */
const WIDER = 2.2;

/** Gap within a number, at most, in heights of its digits. */
const WIDEST_GAP = 2.5;

const { max, min } = Math;

/**
 * Pieces of ink from left to right that may form one number.
 *
 * @typedef {object} Run
 * @property {import("./connected.js").Part[][]} pieces The parts of each: a 5 and its bar are one piece.
 * @property {import("./raster.js").Box[]} boxes Of each piece.
 * @property {number} height Of its digits, in pixels.
 * @property {number} line Which line of the picture it stands in, from 0.
 */

/**
 * Find what may be numbers, from top to bottom and from left to right.
 *
 * @param {import("./locate.js").Parts} found Of a picture.
 * @param {boolean} isPage Whether what touches the edges of the picture is no part of a number.
 * @returns {Run[]}
 */
export function findRuns(found, isPage) {
  const height = typicalHeight(found);
  const inside = found.parts.filter((part) => !isFrame(part, found.ink, height, isPage));
  const isDigit = (part) => sidesOf(part.box)[1] >= SHORTEST * height && !isBar(part);
  const strokes = inside.filter((part) => !isDigit(part) && max(...sidesOf(part.box)) >= SPECK * height);
  const lines = groupLines(inside.filter(isDigit));
  return lines.flatMap((line, number) => findInLine(found, line, strokes, number));
}

/** Tell whether a part is no part of a number: a frame or a line, or what lies at the edge of the picture. */
function isFrame({ box, area }, { width, height: rows }, height, isPage) {
  const [wide, high] = sidesOf(box);
  if (high > TALLEST * height || (wide > WIDEST * height && area < 0.15 * wide * high)) return true;
  const isAtEdge = !box[0] || !box[1] || box[2] === width || box[3] === rows;
  return isAtEdge && (isPage || wide < SLIVER * height);
}

/** Return the runs of one line. */
function findInLine(found, everyDigit, everyStroke, line) {
  const [digits, strokes] = dropAmountMark(found, everyDigit, everyStroke);
  const { pieces: withoutCommas, commas } = takeCommas(joinStacked(digits));
  const { pieces, loose } = attach(withoutCommas, strokes);
  const hulls = pieces.map(hullOfParts);
  const height = median(hulls.map((hull) => sidesOf(hull)[1]));
  const dashes = loose.filter(({ box }) => isDash(box, hulls, height)).map(({ box }) => box);
  const joints = [...commas, ...findJoints(loose, hulls, height)];
  const ends = findEnds(hulls, { dashes: dashes.map(middleOf), joints: joints.map(middleOf), height });
  return [0, ...ends].map((start, at) => {
    const end = ends[at] ?? pieces.length;
    return { pieces: pieces.slice(start, end), boxes: hulls.slice(start, end), height, line };
  });
}

/** Group parts into lines: each joins the line whose end to its left is at its level. */
function groupLines(parts) {
  const lines = [];
  const ordered = [...parts].sort((one, other) => one.box[0] - other.box[0]);
  for (const part of ordered) {
    const fitting = lines.filter((line) => overlap(hullOfParts(line.slice(-NEIGHBORS)), part.box, 1) > LEVEL);
    if (fitting.length) greatest(fitting, (line) => line.at(-1).box[2]).push(part);
    else lines.push([part]);
  }
  const topOf = (line) => line.reduce((sum, { box }) => sum + box[1], 0) / line.length;
  return lines.sort((one, other) => topOf(one) - topOf(other));
}

/** Return how much two boxes overlap along an axis, as a share of the smaller. */
function overlap(first, second, axis) {
  const shared = min(first[axis + 2], second[axis + 2]) - max(first[axis], second[axis]);
  return shared / min(sidesOf(first)[axis], sidesOf(second)[axis]);
}

/** Join the parts of a line that lie above each other. */
function joinStacked(line) {
  const pieces = [];
  for (const part of line) {
    const isAbove = pieces.at(-1)?.some((other) => overlap(other.box, part.box, 0) > ABOVE);
    if (isAbove) pieces.at(-1).push(part);
    else pieces.push([part]);
  }
  return pieces;
}

/** Add short strokes to the pieces that they are near to, as bars of 5s are; return those left as well. */
function attach(pieces, strokes) {
  const hulls = pieces.map(hullOfParts);
  const attached = pieces.map((piece) => [...piece]);
  const loose = strokes.filter((stroke) => {
    const gaps = hulls.map((hull) => gapTo(hull, stroke.box));
    const nearest = Math.min(...gaps);
    if (nearest < Infinity) attached[gaps.indexOf(nearest)].push(stroke);
    return nearest === Infinity;
  });
  return { pieces: attached, loose };
}

/** Return the gap between a piece and a stroke of it; infinite where it is none of its strokes. */
function gapTo(hull, [left, top, right, bottom]) {
  const height = hull[3] - hull[1];
  const gap = max(hull[0] - right, left - hull[2]);
  const isNear = gap < NEAR * height && bottom > hull[1] - NEAR * height && top < hull[1] + LOWEST * height;
  const isFlat = right - left >= FLAT * (bottom - top); // a dash, unless it is above or below, or a 5's bar
  const mayBeBar = gap < 0 || bottom < hull[1] + BAR * height;
  return isNear && (!isFlat || mayBeBar) ? gap : Infinity;
}

/** Return the box around some parts. */
function hullOfParts(parts) {
  return hullOf(parts.map(({ box }) => box));
}

/** Return the middle column of a box. */
function middleOf(box) {
  return (box[0] + box[2]) / 2;
}

/** Return how wide a gap within a number may be, by the gaps of its line in ascending order. */
function findWidest(gaps, height) {
  const least = APART * height;
  const jump = gaps.findIndex((gap, at) => at > 0 && gap > max(least, WIDER * gaps[at - 1]));
  // Where all are alike, of two the narrower counts, or the wider would hide itself.
  const usual = gaps.length > 1 ? gaps[(gaps.length - 1) >> 1] : (2 * least) / WIDER;
  return min(max(least, WIDER * (jump > 0 ? gaps[jump - 1] : usual)), WIDEST_GAP * height);
}

/**
 * Return before which pieces a number begins: after a dash, or a gap much wider than is usual.
 *
 * No number ends where there is a comma or a point.
 */
function findEnds(hulls, { dashes, joints, height }) {
  const farthest = hulls.map((_, at) => max(...hulls.slice(0, at + 1).map((hull) => hull[2])));
  const gaps = hulls.slice(1).map((hull, at) => hull[0] - farthest[at]);
  const ordered = [...gaps].sort((one, other) => one - other);
  const limit = findWidest(ordered, height);
  const isEnd = gaps.map((gap, at) => {
    const isBetween = (mark) => hulls[at][2] < mark && mark < hulls[at + 1][0];
    return dashes.some(isBetween) || gap > (joints.some(isBetween) ? 2 : 1) * limit;
  });
  return isEnd.flatMap((is, at) => (is ? [at + 1] : []));
}
