/** Tensors: numbers of one type, in rows. */

import { ModelFileError } from "./errors.js";

/**
 * @typedef {"float32" | "uint8" | "int8" | "int32" | "int64"} Type
 * @typedef {Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array} Numbers
 *
 * @typedef {object} Tensor
 * @property {Type} type
 * @property {number[]} dims
 * @property {Numbers} data
 */

/** By type: its array. */
export const ARRAYS = {
  float32: Float32Array, uint8: Uint8Array, int8: Int8Array, int32: Int32Array, int64: BigInt64Array,
};

/** By ONNX's code of a type: its name. */
export const TYPES = new Map([[1, "float32"], [2, "uint8"], [3, "int8"], [6, "int32"], [7, "int64"]]);

/** Return how many numbers a tensor of such dimensions has. */
export function sizeOf(dims) {
  return dims.reduce((size, dim) => size * dim, 1);
}

/**
 * Return a function that lends an array of a type and length. It is the same memory each time, and grows when
 * it must: whoever asks again gives up what was lent before.
 *
 * @returns {(ArrayType: any, length: number) => any}
 */
export function makeBuffer() {
  let kept = new Float32Array(0);
  return (ArrayType, length) => {
    if (!(kept instanceof ArrayType) || kept.length < length) kept = new ArrayType(length);
    return kept.length === length ? kept : kept.subarray(0, length);
  };
}

/** Return the dimensions that two tensors are broadcast to. */
export function broadcast(left, right) {
  const rank = Math.max(left.length, right.length);
  const [a, b] = [left, right].map((dims) => [...Array(rank - dims.length).fill(1), ...dims]);
  return a.map((dim, axis) => {
    if (dim !== b[axis] && dim !== 1 && b[axis] !== 1) {
      const got = `${left.join("×")} and ${right.join("×")}`;
      throw new ModelFileError(`Dimensions must match, or be 1. Got ${got}.`);
    }
    return dim === 1 ? b[axis] : dim;
  });
}

/** Return where each number of a broadcast tensor stands in the tensor itself. */
export function broadcastOffsets(dims, wanted) {
  let offsets = Int32Array.of(0);
  const strides = stridesOf(dims);
  const missing = wanted.length - dims.length;
  wanted.forEach((count, axis) => {
    const stride = axis < missing || dims[axis - missing] === 1 ? 0 : strides[axis - missing];
    offsets = cross(offsets, count, stride);
  });
  return offsets;
}

/** Return, for each offset in turn, itself and the `count` - 1 that follow it, `stride` apart. */
export function cross(offsets, count, stride) {
  const all = new Int32Array(offsets.length * count);
  for (let i = 0; i < all.length; i++) all[i] = offsets[Math.floor(i / count)] + (i % count) * stride;
  return all;
}

/** Return how far apart neighbors along each axis are. */
export function stridesOf(dims) {
  return dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));
}

/** Return an axis, counted from the end where it is negative. */
export function axisOf(axis, rank) {
  const found = axis < 0 ? axis + rank : axis;
  if (found >= 0 && found < rank) return found;
  throw new ModelFileError(`An axis must be from ${-rank} to ${rank - 1}. Got ${axis}.`);
}

/** Keep what a function made for its last arguments, numbers in lists, and make it anew for others. */
export function remember(make) {
  let key;
  let made;
  return (...lists) => {
    const asked = lists.join(";");
    if (asked !== key) [key, made] = [asked, make(...lists)];
    return made;
  };
}
