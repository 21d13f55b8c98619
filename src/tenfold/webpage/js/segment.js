/** A run of ink, cut into what may be digits in every way that makes sense. */

import { SIDE, toDigitImage } from "./centered.js";
import { hullOf } from "./connected.js";
import { NONE, recognize, toPlace } from "./lattice.js";
import { roundHalfToEven } from "./levels.js";
import { dilate, makeRectangle } from "./morphology.js";
import { boundsOf, crop, keepWhere, makeRaster, merge } from "./raster.js";
import { evenStrokes } from "./strokes.js";

/** Of what is cut, that one digit may consist of. */
const MOST_PIECES = 7;

/** Probability of a digit from which on ink is not cut. */
const SURE = 0.9;

/** Probability of "not a digit", and width in heights of its run, of a letter or a sign, which is not cut. */
const SIGN = 0.95;
const WIDEST_SIGN = 1.1;

/** Width, in heights of its run, from which on ink is cut even so. */
const SINGLE = 1.2;

/** Of a digit, in heights of its run. */
const WIDEST = 1.6;

/** Width of a piece, in heights, from which on it may be two digits. */
export const NARROWEST = 0.75;

/** Distance between cuts, at least, in heights. */
const STEP = 0.2;

/** Logarithm of how likely it is that connected ink is cut at a given place. */
const CUT = Math.log(0.1);

/** Logarithm of how likely it is that one digit has a gap, per height of the run that the gap is wide. */
const GAP = -12;

const { abs, max, min } = Math;

/**
 * Ink that is a digit or a part of one.
 *
 * @typedef {object} Piece
 * @property {import("./raster.js").Box} box Where it is in the picture.
 * @property {import("./raster.js").Raster} ink Without that of other pieces.
 * @property {boolean} [isCut] Whether it is connected to the piece before.
 * @property {boolean} [isSign] Whether it is surely no digit as it stands, and too narrow for two.
 * @property {Reading} [known] If it is surely one digit, not to be cut or joined.
 *
 * @typedef {{image: Uint8Array, probabilities: Float32Array}} Reading A digit image, and what it is read as.
 */

/**
 * Return all ways to cut a run into digits, each piece read.
 *
 * What is surely one digit as it stands is neither cut nor joined to another.
 *
 * @param {import("./locate.js").Parts} found Of the picture.
 * @param {import("./group.js").Run} run Of these parts.
 * @param {object} recognizer Reads the pieces.
 * @returns {import("./lattice.js").Lattice}
 */
export function makeLattice(found, run, recognizer) {
  const whole = markWhole(takePieces(found, run), run.height, recognizer);
  const pieces = whole.flatMap((piece) => cut(piece, run.height));
  const ways = chooseEdges(pieces, run.height);
  const joined = ways.map(({ start, end }) => layTogether(pieces.slice(start, end)));
  const readings = read(joined, recognizer);
  const edges = ways.map((way, at) => ({ ...way, ...readings[at], box: toPlace(joined[at].box) }));
  return { nPlaces: pieces.length + 1, edges, isCutOut: true, nDropped: 0 };
}

/** Return the digit image and the probabilities of each piece. */
function read(pieces, recognizer) {
  const unread = pieces.filter(({ known }) => !known).map(({ ink }) => imageOf(ink));
  const rows = recognize(unread, recognizer);
  const readings = unread.map((image, at) => ({ image, probabilities: rows[at] }));
  return pieces.map(({ known }) => known ?? readings.shift());
}

function imageOf(ink) {
  return toDigitImage(evenStrokes(ink)) ?? new Uint8Array(SIDE * SIDE);
}

/** Return the pieces of a run with their ink, and the soft edges of their strokes. */
function takePieces({ ink, labels }, { pieces, boxes }) {
  return pieces.map((parts, at) => {
    const numbers = new Set(parts.map(({ number }) => number));
    const around = crop(labels, boxes[at]);
    const members = makeRaster(around.width, around.height);
    around.data.forEach((label, place) => (members.data[place] = numbers.has(label) ? 1 : 0));
    const widened = dilate(members, makeRectangle(3, 3));
    const soft = merge(widened, around, (is, label) => (label ? 0 : is));
    const kept = merge(members, soft, (one, other) => one | other);
    return { box: boxes[at], ink: keepWhere(crop(ink, boxes[at]), kept) };
  });
}

/** Return the pieces, those marked that are surely one digit. */
function markWhole(pieces, height, recognizer) {
  return read(pieces, recognizer).map((reading, at) => {
    const row = reading.probabilities;
    const width = pieces[at].ink.width / height;
    const isSign = row[NONE] >= SIGN && width <= WIDEST_SIGN;
    const isDigit = max(...row.subarray(0, NONE)) >= SURE && width <= SINGLE;
    return { ...pieces[at], isSign, known: isDigit ? reading : undefined };
  });
}

/** Cut a piece into those that it may consist of. */
function cut(piece, height) {
  if (piece.known || piece.isSign) return [piece];
  const { ink, box } = piece;
  const edges = [0, ...findCuts(ink, height), ink.width];
  return edges.slice(1).flatMap((right, at) => {
    const left = edges[at];
    const part = crop(ink, [left, 0, right, ink.height]);
    const bounds = boundsOf(part);
    if (!bounds) return [];
    const [, top, , bottom] = bounds;
    const place = [box[0] + left, box[1] + top, box[0] + right, box[1] + bottom];
    return [{ box: place, ink: crop(part, [0, top, part.width, bottom]), isCut: left > 0 }];
  });
}

/** Return the columns where wide ink may be cut: where it is least, not too close to each other. */
function findCuts(ink, height) {
  const { width } = ink;
  const step = max(2, roundHalfToEven(STEP * height));
  if (width < NARROWEST * height || width < 2 * step) return [];
  const sums = new Float64Array(width + 2); // with nothing before and after
  ink.data.forEach((value, at) => (sums[(at % width) + 1] += value));
  const amount = (column) => 0.25 * sums[column] + 0.5 * sums[column + 1] + 0.25 * sums[column + 2];
  const columns = Array.from({ length: width - 2 * step }, (_, at) => at + step);
  columns.sort((one, other) => amount(one) - amount(other));
  const cuts = [];
  for (const column of columns) if (cuts.every((other) => abs(column - other) >= step)) cuts.push(column);
  return cuts.sort((one, other) => one - other);
}

/** Return which pieces may be one digit together: the first, the one after the last, and a log weight. */
function chooseEdges(pieces, height) {
  return pieces.flatMap((first, start) => {
    const edges = [];
    let logWeight = first.isCut ? CUT : 0;
    for (let end = start + 1; end <= min(start + MOST_PIECES, pieces.length); end++) {
      const last = pieces[end - 1];
      if (end > start + 1) {
        if (last.known || last.box[2] - first.box[0] > WIDEST * height) break;
        if (!last.isCut) logWeight += GAP * max(0, (last.box[0] - pieces[end - 2].box[2]) / height + 0.1);
      }
      edges.push({ start, end, logWeight, isCut: first.isCut === true });
      if (first.known) break;
    }
    return edges;
  });
}

/** Return the ink of several pieces as one. */
function layTogether(pieces) {
  if (pieces.length === 1) return pieces[0];
  const box = hullOf(pieces.map((piece) => piece.box));
  const ink = makeRaster(box[2] - box[0], box[3] - box[1]);
  for (const piece of pieces) lay(ink, piece.ink, piece.box[0] - box[0], piece.box[1] - box[1]);
  return { box, ink };
}

/** Lay ink onto other: what is darker stays. */
function lay(onto, { data, width }, left, top) {
  data.forEach((value, at) => {
    const place = (top + Math.floor(at / width)) * onto.width + left + (at % width);
    onto.data[place] = max(onto.data[place], value);
  });
}
