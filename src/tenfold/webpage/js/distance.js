/** How far pixels are from the nearest paper. */

import { makeRaster } from "./raster.js";

/** Length of a step to a neighbor at a side and at a corner. Source: G. Borgefors, 1986, as OpenCV has it. */
const SIDE = Math.fround(0.955);
const CORNER = Math.fround(1.3693);

/**
 * Return how far each pixel of a mask is from the nearest that is 0, in steps from pixel to pixel.
 *
 * @param {import("./raster.js").Raster} mask Its outermost pixels must be 0.
 * @returns {import("./raster.js").Raster} Float32Array, pixels.
 */
export function measureDistances({ data, width, height }) {
  const distances = makeRaster(width, height, Float32Array);
  distances.data.set(data);
  sweep(distances.data, width, 1);
  sweep(distances.data, width, -1);
  return distances;
}

/** Bring each distance down to what follows from those before it, in that direction. */
function sweep(distances, width, direction) {
  const isFirst = direction > 0;
  const [start, end] = isFirst ? [0, distances.length] : [distances.length - 1, -1];
  for (let at = start; at !== end; at += direction) {
    if (!distances[at]) continue;
    const above = at - direction * width;
    const sides = Math.min(distances[at - direction], distances[above]) + SIDE;
    const corners = Math.min(distances[above - 1], distances[above + 1]) + CORNER;
    const nearest = Math.min(sides, corners);
    distances[at] = isFirst ? nearest : Math.min(nearest, distances[at]);
  }
}
