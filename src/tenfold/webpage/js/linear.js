/** Operators over rows of numbers: Gemm, MatMul, Softmax. */

import { ModelFileError } from "./errors.js";
import { multiply, pack, packedLength } from "./multiply.js";
import { axisOf, broadcast, broadcastOffsets, cross, makeBuffer, remember, sizeOf } from "./tensor.js";

/** @type {import("./operators.js").Prepare} */
export function prepareGemm({ alpha, beta, transA, transB }, [, constantRight]) {
  const lend = makeBuffer();
  const lendLeft = makeBuffer();
  const sideOf = (tensor) => layMatrix(tensor.dims, !transB);
  const laidOut = constantRight && packMatrix(constantRight, sideOf(constantRight), makeBuffer());
  const lendRight = makeBuffer();

  return ([left, right, added]) => {
    const a = layMatrix(left.dims, Boolean(transA));
    const b = sideOf(right);
    const dims = [a.count, b.count];
    const data = lend(Float32Array, sizeOf(dims));
    const packed = laidOut ?? packMatrix(right, b, lendRight);
    multiply(data, packMatrix(left, a, lendLeft), packed, shapeOf(a, b, 0));
    addScaled(data, dims, { alpha, beta, added });
    return { type: "float32", dims, data };
  };
}

function addScaled(data, dims, { alpha, beta, added }) {
  if (alpha !== 1) for (let i = 0; i < data.length; i++) data[i] *= alpha;
  if (!added) return;
  if (String(broadcast(added.dims, dims)) !== String(dims)) {
    throw new ModelFileError(`What is added must fit ${dims.join("×")}. Got ${added.dims.join("×")}.`);
  }
  const offsets = broadcastOffsets(added.dims, dims);
  for (let i = 0; i < data.length; i++) data[i] += beta * added.data[offsets[i]];
}

/** @type {import("./operators.js").Prepare} */
export function prepareMatMul() {
  const [lend, lendLeft, lendRight] = [makeBuffer(), makeBuffer(), makeBuffer()];
  const plan = remember(planMatMul);
  return ([left, right]) => {
    const { a, b, batch, dims, leftStarts, rightStarts } = plan(left.dims, right.dims);
    const size = a.count * b.count;
    const data = lend(Float32Array, sizeOf(batch) * size);
    leftStarts.forEach((start, i) => {
      const packedLeft = packMatrix(left, { ...a, start }, lendLeft);
      const packedRight = packMatrix(right, { ...b, start: rightStarts[i] }, lendRight);
      multiply(data, packedLeft, packedRight, shapeOf(a, b, i * size));
    });
    return { type: "float32", dims, data };
  };
}

/** Find out all that follows from the dimensions. A vector is a row on the left, a column on the right. */
function planMatMul(left, right) {
  const leftDims = left.length === 1 ? [1, ...left] : left;
  const rightDims = right.length === 1 ? [...right, 1] : right;
  const [a, b] = [layMatrix(leftDims.slice(-2), false), layMatrix(rightDims.slice(-2), true)];
  const [leftBatch, rightBatch] = [leftDims.slice(0, -2), rightDims.slice(0, -2)];
  const batch = broadcast(leftBatch, rightBatch);
  const startsOf = (dims, side) => broadcastOffsets(dims, batch).map((i) => i * side.count * side.depth);
  const sides = [...(left.length === 1 ? [] : [a.count]), ...(right.length === 1 ? [] : [b.count])];
  return {
    a, b, batch,
    dims: [...batch, ...sides],
    leftStarts: startsOf(leftBatch, a),
    rightStarts: startsOf(rightBatch, b),
  };
}

/** Say where the rows of a matrix stand that are multiplied; with `isTurned` they are its columns. */
function layMatrix([rows, columns], isTurned) {
  const [count, depth] = isTurned ? [columns, rows] : [rows, columns];
  const [rowStride, depthStride] = isTurned ? [1, columns] : [columns, 1];
  const [rowOffsets, depthOffsets] = [cross([0], count, rowStride), cross([0], depth, depthStride)];
  return { count, depth, start: 0, rowOffsets, depthOffsets };
}

function packMatrix({ data }, { count, depth, start, rowOffsets, depthOffsets }, lend) {
  return pack(lend(Float64Array, packedLength(count, depth)), data, start, rowOffsets, depthOffsets);
}

/** Return how `multiply` writes the product of two sides. */
function shapeOf({ count: rows, depth }, { count: columns, depth: other }, at) {
  if (depth !== other) throw new ModelFileError(`Both sides must fit. Got lengths ${depth} and ${other}.`);
  return { rows, columns, depth, at, rowStride: columns };
}

/** @type {import("./operators.js").Prepare} */
export function prepareSoftmax({ axis }) {
  const lend = makeBuffer();
  return ([{ type, dims, data: from }]) => {
    const along = axisOf(axis, dims.length);
    const [count, stride] = [dims[along], sizeOf(dims.slice(along + 1))];
    const data = lend(Float32Array, from.length);
    for (let start = 0; start < data.length; start += count * stride) {
      for (let i = 0; i < stride; i++) normalize(from, data, { start: start + i, count, stride });
    }
    return { type, dims, data };
  };
}

/** Softmax of numbers that lie `stride` apart. */
function normalize(from, to, { start, count, stride }) {
  const end = start + count * stride;
  let most = -Infinity;
  for (let i = start; i < end; i += stride) most = Math.max(most, from[i]);
  let sum = 0;
  for (let i = start; i < end; i += stride) sum += to[i] = Math.exp(from[i] - most);
  for (let i = start; i < end; i += stride) to[i] /= sum;
}
