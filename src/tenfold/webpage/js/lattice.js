/**
 * All ways to cut the ink of one number into digits.
 *
 * A lattice is a graph from left to right whose edges are pieces of ink that may be one digit each. A path
 * from place 0 to the last place is a way to cut the number; its digits are those of its edges.
 *
 * @typedef {object} Lattice
 * @property {number} nPlaces Places where it may be cut, both ends included.
 * @property {Edge[]} edges
 * @property {boolean} isCutOut Whether the ink was picked out of more, by rules that may be wrong, rather
 *   than read as it stands.
 * @property {number} nDropped Pieces of ink beside it that were taken for no digit.
 *
 * @typedef {object} Edge
 * @property {number} start The places that it connects; start < end.
 * @property {number} end
 * @property {Float32Array} probabilities Of 0 to 9 and "not a digit", for its ink.
 * @property {number} logWeight Logarithm of how likely it is that its ink is one piece, by its shape alone.
 * @property {boolean} isCut Whether its ink is connected to that of the edges that end where it starts.
 * @property {number[]} box Left, top, width and height of its ink, in pixels of the picture.
 * @property {Uint8Array} image The digit image that was read.
 */

/** The class "not a digit", which comes after those of the digits. */
export const NONE = 10;
const N_CLASSES = 11;

/** Return a lattice of one edge, that is, of one digit, whichever. */
export function makeSingle(edge, isCutOut = false) {
  const only = { ...edge, start: 0, end: 1, logWeight: 0, isCut: false };
  return { nPlaces: 2, edges: [only], isCutOut, nDropped: 0 };
}

/** Return left, top, width and height of a box. */
export function toPlace([left, top, right, bottom]) {
  return [left, top, right - left, bottom - top];
}

/** Return whether "not a digit" or a digit, and which, is most probable. */
export function mostProbable(probabilities) {
  return probabilities.reduce((best, one, at) => (one > probabilities[best] ? at : best), 0);
}

/**
 * Return the probabilities of several digit images, one array for each.
 *
 * @param {Uint8Array[]} images 784 bytes each.
 * @param {{predictProba: (images: Uint8Array) => Float32Array}} recognizer
 * @returns {Float32Array[]}
 */
export function recognize(images, recognizer) {
  if (!images.length) return [];
  const size = images[0].length;
  const batch = new Uint8Array(images.length * size);
  images.forEach((image, at) => batch.set(image, at * size));
  const probabilities = recognizer.predictProba(batch);
  return images.map((_, at) => probabilities.slice(at * N_CLASSES, (at + 1) * N_CLASSES));
}
