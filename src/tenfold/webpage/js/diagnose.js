/** What is unusual about a picture, in words that help to make a better one. */

import { BOX } from "./centered.js";
import { findMedian, median, total } from "./levels.js";
import { sidesOf, typicalHeight } from "./locate.js";
import { SOLID } from "./ruled.js";
import { SQUARE, isThumbnail, largestOf } from "./single.js";
import { THINNEST, strokeWidth } from "./strokes.js";

const INVERTED = "ink is light on dark: inverted";
const THIN = "strokes are thin: thickened";
const BLURRED = "blurred";
const PALE = "ink is pale";
const LINE = "nothing but a line";
const SMALL = "digits are small";
export const NEIGHBORS = "several digits in a small picture: the middle one is read";
export const LEFT_OUT = "left out: a letter, a sign, or digits that touch";

/**
 * Width of the edges of blurred strokes, at least, in heights of a digit. Of numbers written by code half are
 * read right at this width; nearly all real ones are sharper.
 */
const SOFT = 0.18;

/** Grey levels between paper and ink, of 255, from which on ink is not pale. */
const CONTRAST = 40;

/** Height of digits, in pixels, from which on they are not small. */
const LOWEST = 14;

/** Width by height of a line. */
const FLAT = 4;

/**
 * Say what is unusual about a picture.
 *
 * @param {import("./raster.js").Raster} grey The picture.
 * @param {import("./locate.js").Parts} found Its ink.
 * @param {import("./group.js").Run[]} [runs] What may be numbers; none where the picture shows one sign.
 * @returns {string[]}
 */
export function diagnose(grey, found, runs = []) {
  const contrast = measureContrast(grey, found.ink);
  const words = contrast < 0 ? [INVERTED] : [];
  if (!runs.length && isLine(found)) return [...words, LINE];
  const height = runs.length ? median(runs.map((run) => run.height)) : typicalHeight(found);
  if (Math.abs(contrast) < CONTRAST) words.push(PALE);
  if (height < LOWEST) words.push(SMALL);
  else if ((strokeWidth(found.ink) * BOX) / height < THINNEST) words.push(THIN);
  if (isBlurred(grey, found.ink, Math.abs(contrast) / (SOFT * height))) words.push(BLURRED);
  const nPieces = runs.reduce((sum, run) => sum + run.pieces.length, 0);
  return [...words, ...countPieces(grey, nPieces)];
}

/** Say that several digits were read as a number where one may have been meant. */
function countPieces(grey, nPieces) {
  const isSquare = Math.max(grey.width, grey.height) <= SQUARE * Math.min(grey.width, grey.height);
  const mayBeOne = isSquare && !isThumbnail(grey);
  return mayBeOne && nPieces > 1 && nPieces <= 3 ? [`${nPieces} digits: read as a number`] : [];
}

/** Tell whether the ink is one flat stroke. */
function isLine({ parts }) {
  if (!parts.length) return false;
  const [wide, high] = sidesOf(largestOf(parts).box);
  return wide >= FLAT * high;
}

/** Return by how many levels ink is darker than paper. */
function measureContrast(grey, ink) {
  const [ofPaper, ofInk] = [new Float64Array(256), new Float64Array(256)];
  for (let at = 0; at < ink.data.length; at++) {
    if (!ink.data[at]) ofPaper[grey.data[at]]++;
    else if (ink.data[at] > 200) ofInk[grey.data[at]]++;
  }
  return total(ofPaper) && total(ofInk) ? findMedian(ofPaper) - findMedian(ofInk) : 255;
}

/**
 * Tell whether hardly any edge of the ink is steeper than so many levels to a pixel.
 *
 * Seen in the picture itself: in its ink, which is stretched to full contrast, pale edges are steep as well.
 */
function isBlurred(grey, ink, steepest) {
  let [inked, steep] = [0, 0];
  for (let at = 0; at < ink.data.length; at++) {
    if (ink.data[at] <= SOLID) continue;
    inked++;
    if (slopeAt(grey, at) > steepest) steep++;
  }
  return inked > 0 && steep < 0.1 * inked;
}

/** Return how steep a picture is from left to right, by the operator of Sobel; it goes on mirrored. */
function slopeAt({ data, width, height }, at) {
  const [column, row] = [at % width, Math.floor(at / width)];
  if (column === 0 || column === width - 1) return 0;
  const above = row ? at - width : at + width;
  const below = row < height - 1 ? at + width : at - width;
  const across = (place) => data[place + 1] - data[place - 1];
  return Math.abs(across(above) + 2 * across(at) + across(below)) / 8;
}
