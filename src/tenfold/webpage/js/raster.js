/**
 * Pictures as plain arrays, row by row.
 *
 * @typedef {object} Raster
 * @property {Uint8Array | Float32Array | Int32Array} data Pixels.
 * @property {number} width
 * @property {number} height
 *
 * A grey picture is 0 black … 255 white, ink is 0 paper … 255 ink, and a mask is 1 or 0: all Uint8Array.
 *
 * @typedef {[number, number, number, number]} Box Left, top, right, bottom; the last two lie outside.
 */

/** Return a picture of that size, all zero. */
export function makeRaster(width, height, Kind = Uint8Array) {
  return { data: new Kind(width * height), width, height };
}

/** Return a picture of the same size and kind, all zero. */
export function likeRaster({ data, width, height }) {
  return makeRaster(width, height, data.constructor);
}

/** Return a picture with other levels; change(level) says what becomes of each. */
export function mapLevels(raster, change) {
  const table = Uint8Array.from({ length: 256 }, (_, level) => change(level));
  const mapped = likeRaster(raster);
  for (let at = 0; at < mapped.data.length; at++) mapped.data[at] = table[raster.data[at]];
  return mapped;
}

/** Return a picture that is dark on light as light on dark, or the other way round. */
export function invert(raster) {
  return mapLevels(raster, (level) => 255 - level);
}

/** Return 1 where pixels are above a level, else 0. */
export function maskAbove({ data, width, height }, level) {
  const mask = makeRaster(width, height);
  for (let at = 0; at < data.length; at++) mask.data[at] = data[at] > level ? 1 : 0;
  return mask;
}

/** Return the pixels where a mask is 1, and zero elsewhere. */
export function keepWhere(raster, mask) {
  const kept = likeRaster(raster);
  for (let at = 0; at < kept.data.length; at++) if (mask.data[at]) kept.data[at] = raster.data[at];
  return kept;
}

/** Return what becomes of the pixels of two pictures of one size: join(first, second) says it. */
export function merge(one, other, join) {
  const merged = likeRaster(one);
  for (let at = 0; at < merged.data.length; at++) merged.data[at] = join(one.data[at], other.data[at]);
  return merged;
}

/** Return the part of a picture within a box. */
export function crop(raster, [left, top, right, bottom]) {
  const part = makeRaster(right - left, bottom - top, raster.data.constructor);
  for (let row = top; row < bottom; row++) {
    const start = row * raster.width;
    part.data.set(raster.data.subarray(start + left, start + right), (row - top) * part.width);
  }
  return part;
}

/** Return a picture with zeros around it: so many columns at the left and the right, rows above and below. */
export function pad(raster, columns, rows = columns) {
  const padded = makeRaster(raster.width + 2 * columns, raster.height + 2 * rows, raster.data.constructor);
  paste(padded, raster, columns, rows);
  return padded;
}

/** Put one picture into another, which must be large enough. */
export function paste(onto, raster, left, top) {
  for (let row = 0; row < raster.height; row++) {
    const line = raster.data.subarray(row * raster.width, (row + 1) * raster.width);
    onto.data.set(line, (top + row) * onto.width + left);
  }
}

/** Return a picture with its rows as columns. */
export function transpose(raster) {
  const turned = makeRaster(raster.height, raster.width, raster.data.constructor);
  for (let row = 0, at = 0; row < raster.height; row++) {
    for (let column = 0; column < raster.width; column++, at++) {
      turned.data[column * turned.width + row] = raster.data[at];
    }
  }
  return turned;
}

/** Tell whether any pixel is not zero. */
export function hasAny({ data }) {
  return data.some((value) => value !== 0);
}

/**
 * Return the box around all pixels that are not zero, or null where there are none.
 *
 * @param {Raster} raster
 * @returns {Box | null}
 */
export function boundsOf({ data, width, height }) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      if (!data[at]) continue;
      if (column < left) left = column;
      if (column >= right) right = column + 1;
      if (row < top) top = row;
      bottom = row + 1;
    }
  }
  return right ? [left, top, right, bottom] : null;
}
