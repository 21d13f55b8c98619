/** From a picture to what may be numbers in it, before it is decided which. */

import { toDigitImage } from "./centered.js";
import { LEFT_OUT, NEIGHBORS, diagnose } from "./diagnose.js";
import { findRuns } from "./group.js";
import { extractInk } from "./ink.js";
import { isolateDigit } from "./isolate.js";
import { NONE, makeSingle, mostProbable, recognize, toPlace } from "./lattice.js";
import { connect, typicalHeight, withoutRules } from "./locate.js";
import { boundsOf, hasAny } from "./raster.js";
import { makeLattice } from "./segment.js";
import { pickMiddle, splitAtSigns } from "./sift.js";
import { isThumbnail, mayBeJoined, showsOneSign } from "./single.js";
import { eraseSquares } from "./squared.js";
import { evenStrokes } from "./strokes.js";

export const BLANK = "blank";
const NOT_A_DIGIT = "not a digit";

/** Smaller side of a picture, in pixels, below which it is a crop of a number rather than a page. */
const SMALL = 300;

/** Height of digits, of the picture's smaller side, from which on a larger one is a crop as well. */
const NEAR = 0.35;

/**
 * What may be numbers.
 *
 * @typedef {object} Found
 * @property {{lattice: import("./lattice.js").Lattice, line: number}[]} numbers From top to bottom and from
 *   left to right, and in which line of the picture.
 * @property {string | null} reason Why there is none: "blank" or "not a digit".
 * @property {string[]} diagnosis What is unusual about the picture, in words.
 */

/**
 * Find what may be digits in a grey picture, as it lies.
 *
 * @param {import("./raster.js").Raster} grey 0 black … 255 white.
 * @param {object} recognizer Reads what may be digits.
 * @returns {Found}
 */
export function findUpright(grey, recognizer) {
  const ink = eraseSquares(extractInk(grey));
  if (!hasAny(ink)) return { numbers: [], reason: BLANK, diagnosis: [] };
  const whole = connect(ink);
  if (showsOneSign(whole)) {
    const sign = readSign(ink, recognizer);
    const isWhole = sign.reason !== NOT_A_DIGIT || !mayBeJoined(whole);
    if (isWhole) return { ...sign, diagnosis: diagnose(grey, whole) };
  }
  const smaller = Math.min(grey.width, grey.height);
  const isPage = smaller >= SMALL && typicalHeight(whole) <= NEAR * smaller;
  return findNumbers(grey, whole, recognizer, isPage);
}

function findNumbers(grey, whole, recognizer, isPage) {
  const found = withoutRules(whole);
  const runs = findRuns(found, isPage);
  const sifted = runs.map((run) =>
    ({ ...splitAtSigns(makeLattice(found, run, recognizer), run.height), line: run.line }));
  const all = sifted.flatMap(({ lattices, line }) => lattices.map((lattice) => ({ lattice, line })));
  const numbers = isThumbnail(grey) ? pickMiddle(all, grey) : all;
  const diagnosis = diagnose(grey, found, runs);
  if (!numbers.length) return { numbers, reason: NOT_A_DIGIT, diagnosis };
  if (numbers[0].nBeside) diagnosis.push(NEIGHBORS);
  if (sifted.some(({ lacksWideSign }) => lacksWideSign)) diagnosis.push(LEFT_OUT);
  return { numbers, reason: null, diagnosis };
}

/** Return the ink of one sign as a lattice of one digit, if it is one. */
function readSign(ink, recognizer) {
  const alone = isolateDigit(ink);
  const bounds = boundsOf(alone);
  const image = bounds && toDigitImage(evenStrokes(alone));
  if (!image) return { numbers: [], reason: BLANK };
  const [probabilities] = recognize([image], recognizer);
  if (mostProbable(probabilities) === NONE) return { numbers: [], reason: NOT_A_DIGIT };
  const lattice = makeSingle({ probabilities, box: toPlace(bounds), image });
  return { numbers: [{ lattice, line: 0 }], reason: null };
}
