/** Grey levels, counted; and rounding as Python does it. */

/** Where doubles are one apart: what is added to this is rounded to an integer, halves to an even one. */
const UNIT = 1.5 * 2 ** 52;

/** Share of pixels that is none. */
const NOTHING = 2 ** -23;

/** Return the nearest integer, of two that are equally near the even one. */
export function roundHalfToEven(value) {
  return value + UNIT - UNIT;
}

/** Return a value within bounds. */
export function clip(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

/**
 * Return how many pixels there are of each level.
 *
 * @param {Uint8Array} pixels
 * @returns {Float64Array} 256 counts.
 */
export function countLevels(pixels) {
  const counts = new Float64Array(256);
  for (let at = 0; at < pixels.length; at++) counts[pixels[at]]++;
  return counts;
}

/** Return the least and the greatest of some values, of which there must be one. */
export function rangeOf(values) {
  let [least, most] = [values[0], values[0]];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

/** Return the sum of counts. */
export function total(counts) {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Return the mean of all levels by their shares or counts. */
export function meanLevel(shares) {
  return total(shares.map((share, level) => level * share)) / total(shares);
}

/** Return the level that so large a share of the counted pixels does not exceed. */
export function findQuantile(counts, share) {
  return findRank(counts, share * total(counts));
}

/** Return the median of a few numbers. */
export function median(values) {
  const ordered = [...values].sort((one, other) => one - other);
  const middle = ordered.length >> 1;
  return ordered.length % 2 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
}

/** Return the median of the counted pixels, of which there must be one. */
export function findMedian(counts) {
  const all = total(counts);
  return (findRank(counts, Math.floor((all + 1) / 2)) + findRank(counts, Math.floor(all / 2) + 1)) / 2;
}

/** Return the first level up to which there are so many pixels. */
function findRank(counts, rank) {
  let below = 0;
  return counts.findIndex((count) => (below += count) >= rank);
}

/**
 * Return the level that parts the counted pixels best in two: those up to it, and those above.
 *
 * Source: N. Otsu, "A threshold selection method from gray-level histograms", 1979.
 */
export function findThreshold(counts) {
  const mean = meanLevel(counts);
  const scale = 1 / total(counts);
  let [best, threshold, share, lower] = [0, 0, 0, 0];
  counts.forEach((count, level) => {
    lower *= share; // in the order of OpenCV: where levels are missing, its rounding decides
    share += count * scale;
    if (Math.min(share, 1 - share) < NOTHING) return;
    lower = (lower + level * count * scale) / share;
    const upper = (mean - share * lower) / (1 - share);
    const spread = share * (1 - share) * (lower - upper) ** 2;
    if (spread > best) [best, threshold] = [spread, level];
  });
  return threshold;
}
