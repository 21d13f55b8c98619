/** What in a lattice is no digit, and what lies between. */

import { CENTRAL } from "./isolate.js";
import { NONE, makeSingle, mostProbable } from "./lattice.js";
import { NARROWEST } from "./segment.js";

/** Logarithm of how likely it is that a piece in a run of digits is none. */
const STRAY = Math.log(0.02);

/** Probability below which it makes no difference how small it is. */
const LEAST = 1e-6;

/** Probability of "not a digit" from which on a piece that stands alone is a letter or a sign. */
const SIGN = 0.8;

/** Share of the width of connected ink that is no digit, from which on all of it is none. */
const DRAWING = 0.5;

/** Width of a sign, at most, in heights of its run: what is wider may be digits that touch. */
const WIDEST = 1.1;

/** Height of a digit, at least, in heights of its run. */
const HIGH = 0.8;

/**
 * Cut a lattice at letters and signs, and then at whatever is no digit.
 *
 * @param {import("./lattice.js").Lattice} lattice Of a run of ink.
 * @param {number} height Of its digits, in pixels.
 * @returns {{lattices: import("./lattice.js").Lattice[], lacksWideSign: boolean}} What is left, from left to
 *   right, none where most is signs, as in a word; and whether a sign was left out that is as high as digits
 *   and as wide as two that touch.
 */
export function splitAtSigns(lattice, height) {
  const path = bestPath(lattice.edges.map((edge) => weigh(edge, height)), lattice.nPlaces);
  const signs = path.filter(({ isSign }) => isSign);
  const lacksWideSign = signs.some(({ box: [, , wide, high] }) =>
    wide >= NARROWEST * height && high >= HIGH * height);
  const isWord = 2 * signs.length > path.length; // some of its letters may look like digits
  return { lattices: isWord ? [] : dropSigns(lattice, path), lacksWideSign };
}

function dropSigns(lattice, path) {
  const sifted = splitBefore(path, ({ isCut }) => !isCut).flatMap(dropDrawing);
  return split(sifted, ({ isSign }) => isSign).flatMap((stretch) => {
    const nDropped = stretch.filter(({ isNone }) => isNone).length;
    return split(stretch, ({ isNone }) => isNone).map((kept) => ({ ...between(lattice, kept), nDropped }));
  });
}

/**
 * Keep the digit in the middle of a picture of one digit; the others are its neighbors.
 *
 * @param {{lattice: import("./lattice.js").Lattice}[]} numbers All that was found.
 * @param {import("./raster.js").Raster} picture
 * @returns {{lattice: import("./lattice.js").Lattice, line: number, nBeside: number}[]} Of this digit alone,
 *   the larger and the nearer to the center the likelier, and how many were left out beside it; empty where
 *   none was found.
 */
export function pickMiddle(numbers, { width, height }) {
  const digits = numbers.flatMap(({ lattice }) => bestPath(lattice.edges.map(weighDigit), lattice.nPlaces));
  if (!digits.length) return [];
  const likely = digits.map(({ box: [left, top, wide, high] }) => {
    const [across, down] = [(left + wide / 2) / width - 0.5, (top + high / 2) / height - 0.5];
    return Math.max(wide, high) * Math.exp(-CENTRAL * (across ** 2 + down ** 2));
  });
  const middle = digits[likely.indexOf(Math.max(...likely))];
  return [{ lattice: makeSingle(middle, true), line: 0, nBeside: digits.length - 1 }];
}

/** Return an edge with its score as a digit, whatever it is. */
function weighDigit(edge) {
  return { ...edge, score: Math.log(Math.max(...edge.probabilities.slice(0, NONE), LEAST)) + edge.logWeight };
}

/** Return an edge with its score, and whether it is no digit, and then surely a sign. */
function weigh(edge, height) {
  const scores = edge.probabilities.map((one) => Math.log(Math.max(one, LEAST)));
  scores[NONE] += STRAY;
  const label = mostProbable(scores);
  const isNone = label === NONE;
  const isSure = edge.probabilities[NONE] >= SIGN && !edge.logWeight && edge.box[2] <= WIDEST * height;
  return { ...edge, score: scores[label] + edge.logWeight, isNone, isSign: isNone && isSure };
}

/** Return connected edges, all as no digit where most are none: what is left looks like one by chance. */
function dropDrawing(edges) {
  const none = edges.filter(({ isNone }) => isNone);
  return widthOf(none) > DRAWING * widthOf(edges) ? edges.map((edge) => ({ ...edge, isNone: true })) : edges;
}

function widthOf(edges) {
  return edges.reduce((sum, { box }) => sum + box[2], 0);
}

/** Split a path before some of its edges. */
function splitBefore(path, isFirst) {
  const groups = [];
  for (const edge of path) {
    if (!groups.length || isFirst(edge)) groups.push([]);
    groups.at(-1).push(edge);
  }
  return groups;
}

/** Split a path at some of its edges, which are left out. */
function split(path, isEnd) {
  const stretches = [[]];
  for (const edge of path) {
    if (isEnd(edge)) stretches.push([]);
    else stretches.at(-1).push(edge);
  }
  return stretches.filter(({ length }) => length);
}

/** Return the edges of the path whose scores add up to most. */
function bestPath(edges, nPlaces) {
  const best = [0, ...new Array(nPlaces - 1).fill(-Infinity)];
  const last = new Array(nPlaces).fill(null);
  for (const edge of [...edges].sort((one, other) => one.end - other.end)) {
    if (best[edge.start] + edge.score <= best[edge.end]) continue;
    best[edge.end] = best[edge.start] + edge.score;
    last[edge.end] = edge;
  }
  const path = [];
  for (let place = nPlaces - 1; place; place = path[0].start) path.unshift(last[place]);
  return path;
}

/** Return the part of a lattice from the first to the last of some edges. */
function between(lattice, kept) {
  const [first, last] = [kept[0].start, kept.at(-1).end];
  const inside = lattice.edges.filter(({ start, end }) => start >= first && end <= last);
  const edges = inside.map((edge) => ({ ...edge, start: edge.start - first, end: edge.end - first }));
  return { ...lattice, nPlaces: last - first + 1, edges };
}
