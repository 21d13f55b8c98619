/** What digit images show, or why that is not said: the answer of the service's POST /v1/predict. */

import { NOISE } from "./ink.js";
import { N_CLASSES, PIXELS } from "./recognizer.js";

const NONE = N_CLASSES - 1;
const DECIMALS = 1e6;

/**
 * @typedef {object} Prediction
 * @property {number | null} label 0–9, null where none is given.
 * @property {number} confidence The probability that the label is right.
 * @property {"blank" | "not a digit" | "unsure" | null} reason Why the label may be wrong, or is not given.
 * @property {number[]} probabilities Of 0 to 9, and of "not a digit".
 */

/**
 * Say what digit images show.
 *
 * @param {Uint8Array} images n digit images, 784 bytes each: 0 paper … 255 ink.
 * @param {import("./recognizer.js").Recognizer} recognizer
 * @returns {Prediction[]}
 */
export function predictImages(images, recognizer) {
  const probabilities = recognizer.predictProba(images);
  return Array.from({ length: images.length / PIXELS }, (_, i) => {
    const image = images.subarray(i * PIXELS, (i + 1) * PIXELS);
    const row = probabilities.subarray(i * N_CLASSES, (i + 1) * N_CLASSES);
    return answer(Array.from(row, round), image.every((level) => level < NOISE), recognizer.least);
  });
}

/** @returns {Prediction} */
function answer(probabilities, isBlank, least) {
  const label = probabilities.indexOf(Math.max(...probabilities));
  const reason = isBlank ? "blank" : label === NONE ? "not a digit" : null;
  if (reason) return { label: null, confidence: 0, reason, probabilities };
  const confidence = probabilities[label];
  return { label, confidence, reason: confidence < least ? "unsure" : null, probabilities };
}

function round(probability) {
  return Math.round(probability * DECIMALS) / DECIMALS;
}
