/** The paper below the ink. */

import { blur } from "./blur.js";
import { clip, rangeOf, roundHalfToEven } from "./levels.js";
import { dilate, erode, makeEllipse, makeRectangle } from "./morphology.js";
import { crop, likeRaster, makeRaster, transpose } from "./raster.js";
import { resizeLinear, shrinkByArea } from "./resize.js";

/** Side of the neighborhood whose lightest part is paper, of the picture's smaller side. */
export const SURROUNDINGS = 0.6;

/** Darkness of a shadow amid paper, of the darkest ink's, beyond which it is ink, however wide. */
const DEEPEST = Math.fround(0.6);

/** Smaller side of the picture on which paper is estimated: it has no detail. */
const COARSE = 32;

/**
 * Return the paper below the ink of a picture that is dark on light: how light it is at each place.
 *
 * @param {import("./raster.js").Raster} light Uint8Array.
 * @param {{surroundings?: number, coarse?: number}} [scales] Side of the neighborhood whose lightest part is
 *   paper, of the picture's smaller side: ink that is wider is taken for paper; and the smaller side of the
 *   picture on which it is estimated.
 * @returns {import("./raster.js").Raster} Uint8Array.
 */
export function estimatePaper(light, { surroundings = SURROUNDINGS, coarse = COARSE } = {}) {
  const { width, height } = light;
  const scale = Math.min(1, coarse / Math.min(width, height));
  const size = [width, height].map((side) => Math.max(1, roundHalfToEven(side * scale)));
  const small = shrinkByArea(light, ...size);
  const side = Math.max(3, Math.trunc(surroundings * Math.min(...size))) | 1;
  const reach = (side - 1) / 2;
  const kernel = makeEllipse(side);
  const filled = fillSpots(toFloat(dilate(small, kernel)), rangeOf(small.data)[0]);
  const beyond = continueBeyond(filled, reach); // a slope of light goes on outside
  const smooth = blur(erode(beyond, kernel), side / 6);
  const closed = crop(smooth, [reach, reach, reach + size[0], reach + size[1]]);
  return toLevels(resizeLinear(closed, width, height));
}

function toFloat({ data, width, height }) {
  return { data: Float32Array.from(data), width, height };
}

function toLevels({ data, width, height }) {
  const levels = makeRaster(width, height);
  for (let at = 0; at < data.length; at++) levels.data[at] = roundHalfToEven(clip(data[at], 0, 255));
  return levels;
}

/**
 * Make what is about as dark as ink, and does not reach an edge, as light as what is around it.
 *
 * Source: the filling of holes by reconstruction, as in P. Soille, "Morphological image analysis", 2003.
 */
function fillSpots(field, darkest) {
  const [least, most] = rangeOf(field.data);
  const deep = Math.fround(DEEPEST * (most - darkest));
  if (least > most - deep) return field;
  const around = reconstruct(field, most);
  const filled = likeRaster(field);
  filled.data.set(field.data.map((value, at) => (around.data[at] - value > deep ? around.data[at] : value)));
  return filled;
}

/** Let the light run in from the edges as far as nothing lighter is in its way. */
function reconstruct(field, most) {
  const { width, height } = field;
  const isSide = (column) => column === 0 || column === width - 1;
  const isEdge = (at) => at < width || at >= width * (height - 1) || isSide(at % width);
  let around = likeRaster(field);
  around.data.set(field.data.map((value, at) => (isEdge(at) ? value : most)));
  for (let changes = true; changes;) {
    const before = around;
    around = erode(before, makeRectangle(3, 3));
    around.data.forEach((value, at) => (around.data[at] = Math.max(value, field.data[at])));
    changes = around.data.some((value, at) => value !== before.data[at]);
  }
  return around;
}

/** Continue a field beyond its edges, turned about each. */
function continueBeyond(field, reach) {
  return transpose(continueRows(transpose(continueRows(field, reach)), reach));
}

function continueRows({ data, width, height }, reach) {
  const beyond = makeRaster(width + 2 * reach, height, Float32Array);
  for (let row = 0, at = 0; row < height; row++) {
    const value = (column) => data[row * width + clip(column, 0, width - 1)];
    for (let column = -reach; column < width + reach; column++, at++) {
      const edge = clip(column, 0, width - 1);
      beyond.data[at] = edge === column ? value(column) : 2 * value(edge) - value(2 * edge - column);
    }
  }
  return beyond;
}
