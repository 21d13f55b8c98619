/** MaxPool: the largest number of each window. */

import { ARRAYS, makeBuffer, remember, sizeOf } from "./tensor.js";
import { layWindows, WINDOW_ATTRIBUTES } from "./windows.js";

export const POOL_ATTRIBUTES = {
  ...WINDOW_ATTRIBUTES, kernel_shape: ["ints", undefined], ceil_mode: ["int", 0], storage_order: ["int", 0],
};

const LOWEST = { float32: -Infinity, uint8: 0, int8: -128 };

/** @type {import("./operators.js").Prepare} */
export function preparePool(attributes) {
  const lend = makeBuffer();
  const plan = remember((sizes) => layWindows(attributes, sizes, attributes.kernel_shape));

  return ([{ type, dims: [n, channels, ...sizes], data }]) => {
    const [down, across] = plan(sizes);
    const counts = sizes.length === 1 ? [across.count] : [down.count, across.count];
    const dims = [n, channels, ...counts];
    const out = lend(ARRAYS[type], sizeOf(dims));
    let to = 0;
    for (let plane = 0; plane < n * channels; plane++) {
      to = poolPlane(data, plane * down.size * across.size, out, to, { down, across, lowest: LOWEST[type] });
    }
    return { type, dims, data: out };
  };
}

function poolPlane(data, start, out, to, { down, across, lowest }) {
  for (let row = 0; row < down.count; row++) {
    const top = row * down.stride - down.before;
    for (let column = 0; column < across.count; column++) {
      const left = column * across.stride - across.before;
      out[to++] = largest(data, start, top, left, down, across, lowest);
    }
  }
  return to;
}

function largest(data, start, top, left, down, across, lowest) {
  let most = lowest;
  for (let i = 0; i < down.kernel; i++) {
    const y = top + i * down.dilation;
    if (y < 0 || y >= down.size) continue;
    for (let j = 0; j < across.kernel; j++) {
      const x = left + j * across.dilation;
      if (x < 0 || x >= across.size) continue;
      const value = data[start + y * across.size + x];
      if (value > most) most = value;
    }
  }
  return most;
}
