/** A picture blurred. */

import { roundHalfToEven } from "./levels.js";
import { makeRaster } from "./raster.js";

const { fround } = Math; // sums are rounded in the order of OpenCV

/**
 * Blur a picture by a Gaussian; beyond its edges it goes on mirrored.
 *
 * @param {import("./raster.js").Raster} raster
 * @param {number} sigma Standard deviation in pixels.
 * @returns {import("./raster.js").Raster} Float32Array.
 */
export function blur(raster, sigma) {
  const kernel = makeGaussian(sigma);
  return blurColumns(blurRows(raster, kernel), kernel);
}

/** Return the weights of a Gaussian, four standard deviations to each side. */
function makeGaussian(sigma) {
  const side = roundHalfToEven(8 * sigma + 1) | 1;
  const weights = Float64Array.from({ length: side }, (_, at) => {
    return Math.exp(-((at - (side - 1) / 2) ** 2) / (2 * sigma ** 2));
  });
  const sum = weights.reduce((one, other) => one + other, 0);
  return Float32Array.from(weights, (weight) => weight / sum);
}

function blurRows({ data, width, height }, kernel) {
  const blurred = makeRaster(width, height, Float32Array);
  const reach = (kernel.length - 1) / 2;
  const places = Int32Array.from({ length: width + 2 * reach }, (_, at) => mirror(at - reach, width));
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      let sum = 0;
      for (let x = 0; x < kernel.length; x++) {
        sum = fround(sum + kernel[x] * data[row * width + places[column + x]]);
      }
      blurred.data[at] = sum;
    }
  }
  return blurred;
}

function blurColumns({ data, width, height }, kernel) {
  const blurred = makeRaster(width, height, Float32Array);
  const reach = (kernel.length - 1) / 2;
  for (let row = 0; row < height; row++) {
    const line = blurred.data.subarray(row * width, (row + 1) * width);
    line.set(data.subarray(row * width, (row + 1) * width).map((value) => value * kernel[reach]));
    for (let away = 1; away <= reach; away++) {
      const [above, below] = [row - away, row + away].map((one) => mirror(one, height) * width);
      const weight = kernel[reach + away];
      for (let x = 0; x < width; x++) line[x] += weight * fround(data[above + x] + data[below + x]);
    }
  }
  return blurred;
}

/** Return the place within a line that one beyond its ends mirrors; the ends are not repeated. */
function mirror(place, length) {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const within = ((place % period) + period) % period;
  return Math.min(within, period - within);
}
