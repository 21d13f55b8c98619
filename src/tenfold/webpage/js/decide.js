/** From what may be numbers to what they are, and how sure that is. */

import { hullOf } from "./connected.js";
import { decode, isClose } from "./decode.js";
import { NONE, toPlace } from "./lattice.js";

/** Candidates of each number. */
const TOP = 3;

/**
 * Log odds that a number picked out of its picture is right, in those of its digits: a stroke may have been
 * missed, or a mark taken for one.
 */
const SHARPNESS = 0.37;

/** Probability whose logarithm counts, at least, and distance from 1. */
const LEAST_ODDS = 1e-6;

/** How certain a number is, at most, for each piece of its ink that was taken for no digit. */
const DROPPED = 0.5;

const UNSURE = "unsure";

/**
 * Decide what a number is.
 *
 * @param {import("./lattice.js").Lattice} lattice All ways to cut its ink.
 * @param {number} line Which line of the picture it stands in.
 * @param {number} least Confidence of a digit below which it is unsure.
 * @returns {object | null} As the service says it; null where nothing can be read.
 */
export function decideNumber(lattice, line, least) {
  const candidates = decode(lattice, TOP);
  if (!candidates.length) return null;
  const [first] = candidates;
  const digits = first.edges.map((edge, at) => makeDigit(edge, Number(first.text[at]), least));
  const areDigits = first.edges.reduce((product, edge) => product * (1 - edge.probabilities[NONE]), 1);
  const read = first.probability * areDigits;
  const confidence = lattice.isCutOut ? temper(read * DROPPED ** lattice.nDropped) : read;
  return {
    text: first.text,
    confidence,
    box: boxAround(digits),
    line,
    reason: isClose(candidates) || digits.some(({ reason }) => reason) ? UNSURE : null,
    candidates: candidates.map(({ text, probability }) => {
      return { text, probability: (probability / first.probability) * confidence };
    }),
    digits,
  };
}

function makeDigit({ probabilities, box, image }, label, least) {
  const confidence = probabilities[label];
  const reason = confidence < least ? UNSURE : null;
  return { label, confidence, box, probabilities: [...probabilities], reason, image };
}

/** Multiply the log odds of a confidence. */
function temper(confidence) {
  const within = Math.min(Math.max(confidence, LEAST_ODDS), 1 - LEAST_ODDS);
  return 1 / (1 + Math.exp(-SHARPNESS * Math.log(within / (1 - within))));
}

/** Return the left, top, width and height of all digits together. */
function boxAround(digits) {
  const boxes = digits.map(({ box: [left, top, width, height] }) => [left, top, left + width, top + height]);
  return toPlace(hullOf(boxes));
}
