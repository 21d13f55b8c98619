/** The most probable numbers that a lattice may be. */

import { bestPath, makeChain } from "./chain.js";
import { NONE } from "./lattice.js";

/** The second is close to the first if it is at least this much of it: four to one is not sure enough. */
const CLOSE = 0.25;

/** Beginnings of texts followed at once: at first, and where one was dropped that might have mattered. */
const WIDTHS = [24, 256];

/**
 * A number that the ink may be.
 *
 * @typedef {object} Candidate
 * @property {string} text Its digits.
 * @property {number} probability Of this number, whatever the cuts between its digits.
 * @property {import("./lattice.js").Edge[]} edges One for each digit: the most probable path that reads so.
 */

/**
 * Find the most probable numbers.
 *
 * The probability of a number is the sum over all paths that read as it. Beginnings are followed digit by
 * digit ("prefix search": A. Graves et al., "Connectionist temporal classification", 2006), as long as an
 * upper bound of what they may become is above the last number found. The probabilities are exact. So is the
 * choice, unless that holds for more than 256 beginnings of one length, which takes ink that reads as almost
 * anything.
 *
 * @param {import("./lattice.js").Lattice} lattice
 * @param {number} top How many numbers to find, at least 1.
 * @returns {Candidate[]} The most probable first.
 */
export function decode(lattice, top) {
  const chain = makeChain(lattice);
  if (!chain.hasPath) return [];
  const bounds = boundBackwards(chain);
  let search;
  for (const width of WIDTHS) {
    search = followBeginnings(chain, bounds, top, width);
    if (search.lost <= leastOf(search.found, top)) break;
  }
  const { found } = search;
  return found.map(({ share, text }) => ({ text, probability: share, edges: bestPath(lattice, text) }));
}

/** Tell whether the second candidate is so probable that none should be given. */
export function isClose(candidates) {
  return candidates.length > 1 && candidates[1].probability >= CLOSE * candidates[0].probability;
}

/** Return, by place, the greatest probability that a single text may have from there on, or more. */
function boundBackwards({ nPlaces, steps }) {
  const bounds = new Float64Array(nPlaces);
  bounds[nPlaces - 1] = 1;
  for (let place = nPlaces - 2; place >= 0; place--) {
    const byDigit = new Float64Array(NONE);
    for (let next = place + 1; next < nPlaces; next++) {
      const cell = (place * nPlaces + next) * NONE;
      byDigit.forEach((sum, digit) => (byDigit[digit] = sum + steps[cell + digit] * bounds[next]));
    }
    bounds[place] = Math.max(...byDigit);
  }
  return bounds;
}

/** Return the best texts, and the greatest bound of a beginning that was dropped. */
function followBeginnings(chain, bounds, top, width) {
  const last = chain.nPlaces - 1;
  const at = new Float64Array(chain.nPlaces);
  at[0] = 1;
  let beam = [{ text: "", at }];
  let [found, lost] = [[], 0];
  while (beam.length) {
    const finished = beam.map((one) => ({ share: one.at[last], text: one.text }));
    found = [...found, ...finished.filter(({ share }) => share)].sort(compare).slice(0, top);
    const grown = grow(beam, chain, bounds, leastOf(found, top));
    if (grown.length > width) lost = Math.max(lost, grown[width].most);
    beam = grown.slice(0, width);
  }
  return { found, lost };
}

function compare(one, other) {
  return other.share - one.share || (other.text > one.text ? 1 : -1);
}

/** Add each digit to each beginning; return what may become more probable than the least, best first. */
function grow(beam, chain, bounds, least) {
  const grown = [];
  for (const { text, at } of beam) {
    for (let digit = 0; digit < NONE; digit++) {
      const next = step(chain, at, digit);
      const most = next.reduce((sum, share, place) => sum + share * bounds[place], 0);
      if (most > least) grown.push({ text: `${text}${digit}`, at: next, most });
    }
  }
  return grown.sort((one, other) => other.most - one.most);
}

/** Return where a beginning may have got to by one more digit, with which probability. */
function step({ nPlaces, steps }, at, digit) {
  const next = new Float64Array(nPlaces);
  at.forEach((share, place) => {
    if (!share) return;
    for (let to = place + 1; to < nPlaces; to++) {
      next[to] += share * steps[(place * nPlaces + to) * NONE + digit];
    }
  });
  return next;
}

/** Return what a text must exceed to be among the best. */
function leastOf(found, top) {
  return found.length === top ? found.at(-1).share : 0;
}
