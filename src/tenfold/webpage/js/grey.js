/** Colored pixels -> grey ones, on paper. The same as `tenfold.pictures` makes of a picture. */

import { PictureError } from "./errors.js";

export const MOST_PIXELS = 16_000_000;

/** Levels of grey from the darkest to the lightest visible pixel, where ink and paper both show. */
const SPREAD = 64;

const WHITE = 255;

/** Luma of ITU-R 601, in parts of 65,536. */
const LUMA = { red: 19595, green: 38470, blue: 7471 };
const HALF = 32768;

/**
 * @typedef {{data: Uint8Array, width: number, height: number}} Grey 0 black … 255 white.
 * @typedef {{data: Uint8ClampedArray, width: number, height: number}} Pixels Red, green, blue, opacity.
 */

/**
 * Refuse a picture without pixels or with too many.
 *
 * @param {number} width
 * @param {number} height
 */
export function checkSize(width, height) {
  if (width * height > MOST_PIXELS) {
    throw new PictureError(`A picture may have ${MOST_PIXELS} pixels. Got ${width}×${height}.`);
  }
  if (!(width >= 1 && height >= 1)) {
    throw new PictureError(`A picture must have at least one pixel. Got ${width}×${height}.`);
  }
}

/**
 * Make grey pixels. What is transparent is paper, and takes the shade that shows the ink.
 *
 * @param {Pixels} pixels
 * @returns {Grey}
 */
export function toGrey({ data: pixels, width, height }) {
  checkSize(width, height);
  const data = new Uint8Array(width * height);
  let least = WHITE;
  let most = 0;
  for (let i = 0; i < data.length; i++) {
    const luma = LUMA.red * pixels[4 * i] + LUMA.green * pixels[4 * i + 1] + LUMA.blue * pixels[4 * i + 2];
    data[i] = (luma + HALF) >> 16;
    const opacity = pixels[4 * i + 3];
    if (opacity < least) least = opacity;
    if (opacity > most) most = opacity;
  }
  if (least < WHITE) putOnPaper(data, pixels, most >> 1);
  return { data, width, height };
}

/** Mix pixels with paper; those of an opacity above the limit are visible. */
function putOnPaper(data, pixels, limit) {
  const counts = new Uint32Array(WHITE + 1);
  for (let i = 0; i < data.length; i++) if (pixels[4 * i + 3] > limit) counts[data[i]]++;
  const paper = choosePaper(counts, data.length);
  for (let i = 0; i < data.length; i++) {
    const opacity = pixels[4 * i + 3];
    data[i] = Math.round((data[i] * opacity + paper * (WHITE - opacity)) / WHITE);
  }
}

/** Return the shade of the paper, from how many visible pixels have each shade. */
function choosePaper(counts, nPixels) {
  const nVisible = counts.reduce((sum, count) => sum + count, 0);
  if (!nVisible) return WHITE;
  const median = findMedian(counts, nVisible);
  const range = counts.findLastIndex(Boolean) - counts.findIndex(Boolean);
  if (2 * nVisible >= nPixels && range >= SPREAD) return median;
  return median < 128 ? WHITE : 0;
}

function findMedian(counts, total) {
  let below = 0;
  return counts.findIndex((count) => (below += count) >= total / 2);
}
