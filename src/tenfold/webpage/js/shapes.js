/** Operators that move numbers, or only say how they lie: Flatten, Reshape, Squeeze, Unsqueeze, Transpose. */

import { ModelFileError } from "./errors.js";
import { ARRAYS, axisOf, cross, makeBuffer, remember, sizeOf, stridesOf } from "./tensor.js";

/** @type {import("./operators.js").Prepare} */
export function prepareFlatten({ axis }) {
  return ([tensor]) => {
    const { dims } = tensor;
    const end = axis < 0 ? axis + dims.length : axis;
    return view(tensor, [sizeOf(dims.slice(0, end)), sizeOf(dims.slice(end))]);
  };
}

/** @type {import("./operators.js").Prepare} */
export function prepareReshape({ allowzero }) {
  return ([tensor, shape]) => {
    const wanted = numbersOf(shape).map((dim, axis) => (dim === 0 && !allowzero ? tensor.dims[axis] : dim));
    const known = sizeOf(wanted.filter((dim) => dim >= 0));
    return view(tensor, wanted.map((dim) => (dim < 0 ? tensor.data.length / known : dim)));
  };
}

/** @type {import("./operators.js").Prepare} */
export function prepareSqueeze() {
  return ([tensor, axes]) => {
    const { dims } = tensor;
    const removed = axes && numbersOf(axes).map((axis) => axisOf(axis, dims.length));
    return view(tensor, dims.filter((dim, axis) => (removed ? !removed.includes(axis) : dim !== 1)));
  };
}

/** @type {import("./operators.js").Prepare} */
export function prepareUnsqueeze() {
  return ([tensor, axes]) => {
    const rank = tensor.dims.length + axes.data.length;
    const added = numbersOf(axes).map((axis) => axisOf(axis, rank));
    const rest = [...tensor.dims];
    const dims = Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : rest.shift()));
    return view(tensor, dims);
  };
}

/** @type {import("./operators.js").Prepare} */
export function prepareTranspose({ perm }) {
  const lend = makeBuffer();
  const plan = remember((dims) => {
    const axes = dims.map((_, axis) => axis);
    const order = perm ?? [...axes].reverse();
    if (axes.some((axis) => !order.includes(axis)) || order.length !== axes.length) {
      throw new ModelFileError(`perm must name each of ${axes.length} axes once. Got ${order}.`);
    }
    const strides = stridesOf(dims);
    const offsets = order.reduce((all, axis) => cross(all, dims[axis], strides[axis]), Int32Array.of(0));
    return { dims: order.map((axis) => dims[axis]), offsets };
  });
  return ([{ type, dims: given, data: from }]) => {
    const { dims, offsets } = plan(given);
    const data = lend(ARRAYS[type], from.length);
    for (let i = 0; i < data.length; i++) data[i] = from[offsets[i]];
    return { type, dims, data };
  };
}

/** Return the same numbers with other dimensions. */
function view({ type, dims: given, data }, dims) {
  if (sizeOf(dims) !== data.length || !dims.every(Number.isInteger)) {
    throw new ModelFileError(`A shape must keep all numbers. Got ${dims.join("×")} for ${given.join("×")}.`);
  }
  return { type, dims, data };
}

function numbersOf({ data }) {
  return Array.from(data, Number);
}
