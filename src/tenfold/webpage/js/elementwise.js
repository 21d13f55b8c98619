/** Operators that take numbers one by one: Add, Sub, Div, Relu, Log, Cast, DequantizeLinear. */

import { ModelFileError } from "./errors.js";
import {
  ARRAYS, axisOf, broadcast, broadcastOffsets, makeBuffer, remember, sizeOf, TYPES,
} from "./tensor.js";

/**
 * Return an operator of two tensors, broadcast to each other. Integers wrap around, as their arrays do.
 *
 * @param {(left: any, right: any) => any} compute
 * @returns {import("./operators.js").Prepare}
 */
export function prepareBinary(compute) {
  return () => {
    const lend = makeBuffer();
    const plan = remember((left, right) => {
      const dims = broadcast(left, right);
      return { dims, leftAt: broadcastOffsets(left, dims), rightAt: broadcastOffsets(right, dims) };
    });
    return ([left, right]) => {
      if (left.type !== right.type) {
        throw new ModelFileError(`Both sides must be of one type. Got ${left.type} and ${right.type}.`);
      }
      const { dims, leftAt, rightAt } = plan(left.dims, right.dims);
      const data = lend(ARRAYS[left.type], leftAt.length);
      for (let i = 0; i < data.length; i++) data[i] = compute(left.data[leftAt[i]], right.data[rightAt[i]]);
      return { type: left.type, dims, data };
    };
  };
}

/**
 * Return an operator of one tensor.
 *
 * @param {(value: number) => number} compute
 * @returns {import("./operators.js").Prepare}
 */
export function prepareUnary(compute) {
  return () => {
    const lend = makeBuffer();
    return ([{ type, dims, data: from }]) => {
      const data = lend(ARRAYS[type], from.length);
      for (let i = 0; i < data.length; i++) data[i] = compute(from[i]);
      return { type, dims, data };
    };
  };
}

/** @type {import("./operators.js").Prepare} */
export function prepareCast({ to }) {
  const type = TYPES.get(to);
  if (!type) throw new ModelFileError(`to must be one of ${[...TYPES.values()].join(", ")}. Got type ${to}.`);
  const lend = makeBuffer();
  return ([{ type: given, dims, data: from }]) => {
    const data = lend(ARRAYS[type], from.length);
    const convert = converter(given, type);
    if (convert) for (let i = 0; i < data.length; i++) data[i] = convert(from[i]);
    else data.set(from);
    return { type, dims, data };
  };
}

/** Return what turns numbers into BigInts or back, null where they are of one kind. */
function converter(from, to) {
  if ((from === "int64") === (to === "int64")) return null;
  return from === "int64" ? Number : (value) => BigInt(Math.trunc(value));
}

/** @type {import("./operators.js").Prepare} */
export function prepareDequantize({ axis, block_size: block, output_dtype: code }) {
  if (code !== 0 && code !== 1) throw new ModelFileError(`The result must be float32. Got type ${code}.`);
  const lend = makeBuffer();
  return ([{ dims, data: integers }, scales, zeros]) => {
    const data = lend(Float32Array, integers.length);
    if (zeros && String(zeros.dims) !== String(scales.dims)) {
      throw new ModelFileError(`Zero points must be as many as scales. Got ${zeros.dims.join("×")}.`);
    }
    const at = scaleOffsets(dims, scales.dims, { axis, block });
    for (let i = 0; i < data.length; i++) {
      data[i] = (integers[i] - (zeros ? zeros.data[at(i)] : 0)) * scales.data[at(i)];
    }
    return { type: "float32", dims, data };
  };
}

/** Return a function from where an integer stands to where its scale stands. */
function scaleOffsets(dims, scaleDims, { axis, block }) {
  if (sizeOf(scaleDims) === 1) return () => 0;
  const along = axisOf(axis, dims.length);
  const inner = sizeOf(dims.slice(along + 1));
  const count = dims[along];
  const inBlocks = dims.map((dim, i) => (i === along ? Math.ceil(dim / block) : dim));
  const expected = block ? inBlocks : [count];
  if (String(expected) !== String(scaleDims)) {
    throw new ModelFileError(`Scales must be of shape ${expected.join("×")}. Got ${scaleDims.join("×")}.`);
  }
  if (!block) return (i) => Math.floor(i / inner) % count;
  const blocks = inBlocks[along];
  return (i) => {
    const [outer, position] = [Math.floor(i / (inner * count)), Math.floor(i / inner) % count];
    return (outer * blocks + Math.floor(position / block)) * inner + (i % inner);
  };
}
