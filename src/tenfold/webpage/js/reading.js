/**
 * The numbers in a picture, as the service says them.
 *
 * This is what drawings and clean pictures of numbers need. Left out are whole pages under changing light,
 * forms with boxes, pages on their side, the second model that reads what touches as a line, and what is
 * expected: for those there are `tenfold read` and `tenfold serve`.
 */

import { decideNumber } from "./decide.js";
import { greyToDigitImage } from "./digit_image.js";
import { BLANK, findUpright } from "./find.js";
import { recognize } from "./lattice.js";
import { roundHalfToEven } from "./levels.js";
import { shrinkByArea } from "./resize.js";

/** Pixels of a picture in which numbers are looked for. */
const MOST_PIXELS = 3_000_000;

const UNSURE = "unsure";

/**
 * Read the numbers in a grey picture.
 *
 * @param {import("./raster.js").Raster} grey Uint8Array, 0 black … 255 white, upright.
 * @param {object} recognizer Its `least` is the confidence of a digit below which it is unsure, and
 *   `predictProba(images)` returns 11 probabilities for each 784 bytes.
 * @returns {object} What the service answers to `POST /v1/read?images=true`; the image of each digit is the
 *   one that was read.
 */
export function readGrey(grey, recognizer) {
  const small = shrink(grey);
  const found = findUpright(small, recognizer);
  const decided = found.numbers.map(({ lattice, line }) => decideNumber(lattice, line, recognizer.least));
  const numbers = decided.filter(Boolean);
  const answer = {
    text: textOf(numbers),
    confidence: numbers.length ? round(numbers.reduce((product, one) => product * one.confidence, 1)) : 0,
    reason: found.reason ?? (numbers.length ? null : UNSURE),
    diagnosis: found.diagnosis,
    numbers: numbers.map((number) => write(number, grey, small)),
    model: recognizer.sha256 ?? null,
  };
  return numbers.length || answer.reason === BLANK ? answer : { ...answer, ...show(small, recognizer) };
}

/** Make a large picture smaller: digits that can be written by hand stay large enough to be read. */
function shrink(grey) {
  const scale = Math.sqrt(MOST_PIXELS / (grey.width * grey.height));
  if (scale >= 1) return grey;
  const [width, height] = [grey.width, grey.height].map((side) => roundHalfToEven(side * scale));
  return shrinkByArea(grey, width, height);
}

/** Return a number with its probabilities rounded, its boxes in the picture, and its images as text. */
function write(number, grey, small) {
  const factors = [grey.width / small.width, grey.height / small.height];
  const place = (box) => box.map((edge, at) => Math.floor(edge * factors[at % 2]));
  const candidates = number.candidates.map((one) => ({ ...one, probability: round(one.probability) }));
  const digits = number.digits.map(({ image, ...digit }) => ({
    ...digit,
    confidence: round(digit.confidence),
    box: place(digit.box),
    probabilities: digit.probabilities.map(round),
    image: encode(image),
  }));
  return { ...number, confidence: round(number.confidence), box: place(number.box), candidates, digits };
}

/** Return what the model makes of a picture without digits. */
function show(grey, recognizer) {
  const image = greyToDigitImage(grey);
  if (!image) return {};
  return { image: encode(image), probabilities: [...recognize([image], recognizer)[0]].map(round) };
}

/** Return the numbers of a line with a space between them, and each line on a line of its own. */
function textOf(numbers) {
  const lines = new Map();
  for (const { line, text } of numbers) lines.set(line, [...(lines.get(line) ?? []), text]);
  return [...lines.values()].map((texts) => texts.join(" ")).join("\n");
}

function round(probability) {
  return Number(probability.toFixed(6));
}

function encode(image) {
  return btoa(String.fromCharCode(...image));
}
