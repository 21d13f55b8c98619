/** A lattice as a chain of probabilities: which edge comes next, and as which digit it is read. */

import { NONE } from "./lattice.js";

/**
 * The probabilities of all paths of a lattice, which sum to 1.
 *
 * @typedef {object} Chain
 * @property {number} nPlaces
 * @property {Float64Array} steps By place, next place and digit: the probability of going so. From each place
 *   they sum to 1, or to 0 where the last place is out of reach.
 * @property {boolean} hasPath Whether any path leads from the first place to the last.
 */

/**
 * Turn the scores of a lattice's edges into probabilities.
 *
 * Scores are summed as logarithms, from the last place to the first; each edge is then divided by all that
 * leaves its place. Paths keep their shares ("weight pushing": M. Mohri, "Weighted automata algorithms", in
 * Handbook of Weighted Automata, 2009). Paths that are less likely than 1e-300 are lost.
 *
 * @param {import("./lattice.js").Lattice} lattice
 * @returns {Chain}
 */
export function makeChain({ nPlaces, edges }) {
  const onward = weighOnward(nPlaces, edges);
  const steps = new Float64Array(nPlaces * nPlaces * NONE);
  for (const edge of edges) {
    if (onward[edge.start] === -Infinity) continue;
    const shift = onward[edge.end] - onward[edge.start];
    const cell = (edge.start * nPlaces + edge.end) * NONE;
    scoresOf(edge).forEach((score, digit) => (steps[cell + digit] += Math.exp(score + shift)));
  }
  return { nPlaces, steps, hasPath: onward[0] > -Infinity };
}

/** Return the logarithm of the weight of an edge as each digit. */
function scoresOf({ logWeight, probabilities }) {
  return Array.from({ length: NONE }, (_, digit) => logWeight + Math.log(probabilities[digit]));
}

/** Return the logarithm of the weight of all paths from each place to the last. */
function weighOnward(nPlaces, edges) {
  const onward = new Float64Array(nPlaces).fill(-Infinity);
  onward[nPlaces - 1] = 0;
  for (let place = nPlaces - 2; place >= 0; place--) {
    const leaving = edges.filter(({ start }) => start === place);
    onward[place] = addLogs(leaving.map((edge) => addLogs(scoresOf(edge)) + onward[edge.end]));
  }
  return onward;
}

/** Return the logarithm of a sum whose terms are given by theirs. */
function addLogs(logs) {
  const most = Math.max(...logs);
  if (most === -Infinity) return most;
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0));
}

/**
 * Return the edges of the most probable path that reads as a text; there must be one.
 *
 * @param {import("./lattice.js").Lattice} lattice
 * @param {string} text
 * @returns {import("./lattice.js").Edge[]}
 */
export function bestPath({ nPlaces, edges }, text) {
  const scores = edges.map(scoresOf);
  let best = new Map([[0, 0]]);
  const trail = [...text].map((digit) => {
    const [before, last] = [best, new Map()];
    best = new Map();
    edges.forEach((edge, at) => {
      const score = (before.get(edge.start) ?? NaN) + scores[at][digit];
      if (!(score >= (best.get(edge.end) ?? -Infinity))) return;
      best.set(edge.end, score);
      last.set(edge.end, edge);
    });
    return last;
  });
  return follow(trail, nPlaces - 1);
}

/** Return the edges from the first to the last place, found backwards. */
function follow(trail, lastPlace) {
  const path = [];
  let place = lastPlace;
  for (const last of trail.reverse()) {
    path.unshift(last.get(place));
    place = path[0].start;
  }
  return path;
}
