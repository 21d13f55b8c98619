/** Windows that slide over images: what Conv and MaxPool have in common. */

import { ModelFileError } from "./errors.js";

/** The attributes that both have, each with its type and default. */
export const WINDOW_ATTRIBUTES = {
  auto_pad: ["string", "NOTSET"],
  dilations: ["ints", null],
  kernel_shape: ["ints", null],
  pads: ["ints", null],
  strides: ["ints", null],
};

const PADDINGS = ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"];

/**
 * @typedef {object} Axis
 * @property {number} size Of the image along it.
 * @property {number} kernel
 * @property {number} stride
 * @property {number} dilation
 * @property {number} before Pixels of padding before the image.
 * @property {number} after
 * @property {number} count Of windows.
 */

/**
 * Return how windows lie along the rows and the columns. Images of one axis have one row.
 *
 * @param {any} attributes
 * @param {number[]} sizes Of the image: one or two.
 * @param {number[]} kernel
 * @returns {[Axis, Axis]}
 */
export function layWindows(attributes, sizes, kernel) {
  if (sizes.length < 1 || sizes.length > 2 || kernel.length !== sizes.length) {
    const got = `${kernel.length} for images of ${sizes.length}`;
    throw new ModelFileError(`Windows must slide along one axis or two. Got ${got}.`);
  }
  if (!PADDINGS.includes(attributes.auto_pad)) {
    throw new ModelFileError(`auto_pad must be one of ${PADDINGS.join(", ")}. Got ${attributes.auto_pad}.`);
  }
  const rank = sizes.length;
  const axes = sizes.map((size, axis) => layAlong(attributes, axis, { size, kernel: kernel[axis], rank }));
  const row = { size: 1, kernel: 1, stride: 1, dilation: 1, before: 0, after: 0, count: 1 };
  return axes.length === 1 ? [row, axes[0]] : [axes[0], axes[1]];
}

/** @returns {Axis} */
function layAlong(attributes, axis, { size, kernel, rank }) {
  const stride = attributes.strides?.[axis] ?? 1;
  const dilation = attributes.dilations?.[axis] ?? 1;
  const reach = (kernel - 1) * dilation + 1;
  const [before, after] = padsOf(attributes, axis, { size, stride, reach, rank });
  if (!(stride > 0 && dilation > 0 && kernel > 0 && before >= 0 && after >= 0)) {
    throw new ModelFileError("Kernels, strides and dilations must be above 0, and pads not below.");
  }
  const room = size + before + after - reach;
  if (room < 0) throw new ModelFileError(`A window must fit. Got ${reach} pixels in ${room + reach}.`);
  const count = countWindows(room, stride, attributes.ceil_mode ? size + before : 0);
  return { size, kernel, stride, dilation, before, after, count };
}

function padsOf(attributes, axis, { size, stride, reach, rank }) {
  if (attributes.auto_pad === "VALID") return [0, 0];
  if (attributes.auto_pad === "NOTSET") {
    return [attributes.pads?.[axis] ?? 0, attributes.pads?.[axis + rank] ?? 0];
  }
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
  const less = Math.floor(total / 2);
  return attributes.auto_pad === "SAME_UPPER" ? [less, total - less] : [total - less, less];
}

/** Count windows; where a limit is given, one that reaches over the edge counts if it starts before that. */
function countWindows(room, stride, limit) {
  if (!limit) return Math.floor(room / stride) + 1;
  const count = Math.ceil(room / stride) + 1;
  return (count - 1) * stride >= limit ? count - 1 : count;
}
