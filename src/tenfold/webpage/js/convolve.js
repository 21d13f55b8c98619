/** Conv: each image's windows as a matrix, times the kernels. */

import { ModelFileError } from "./errors.js";
import { multiply, pack, packedLength } from "./multiply.js";
import { cross, makeBuffer, remember, sizeOf } from "./tensor.js";
import { layWindows, WINDOW_ATTRIBUTES } from "./windows.js";

export const CONV_ATTRIBUTES = { ...WINDOW_ATTRIBUTES, group: ["int", 1] };

/** @type {import("./operators.js").Prepare} */
export function prepareConv(attributes, [, constantWeights]) {
  const lend = makeBuffer();
  const lendPadded = makeBuffer();
  const lendWindows = makeBuffer();
  const plan = remember((dims, kernelDims) => planConv(attributes, dims, kernelDims));
  const laidOut = constantWeights && packKernels(constantWeights, attributes.group);

  return ([images, weights, bias]) => {
    const conv = plan(images.dims, weights.dims);
    checkBias(bias, weights.dims[0]);
    const { dims, rows, columns, depth, kernelOffsets, windowOffsets } = conv;
    const kernels = laidOut ?? packKernels(weights, attributes.group);
    const packed = lendWindows(Float64Array, packedLength(columns, depth));
    const out = lend(Float32Array, sizeOf(dims));
    const shape = { rows, columns, depth, rowStride: columns };
    for (let image = 0; image < images.dims[0]; image++) {
      const { data, start } = padImage(images.data, image, conv, lendPadded);
      kernels.forEach((kernel, group) => {
        pack(packed, data, start + group * conv.groupSize, windowOffsets, kernelOffsets);
        const at = (image * kernels.length + group) * rows * columns;
        multiply(out, kernel, packed, { ...shape, at }, bias?.data.subarray(group * rows));
      });
    }
    return { type: "float32", dims, data: out };
  };
}

function checkBias(bias, made) {
  if (!bias || String(bias.dims) === String(made)) return;
  throw new ModelFileError(`The bias must be of shape ${made}. Got ${bias.dims.join("×")}.`);
}

/** Pack the kernels of each group, whose rows are the channels they make. */
function packKernels({ dims, data }, group) {
  const rows = dims[0] / group;
  const depth = sizeOf(dims.slice(1));
  const offsets = [cross([0], rows, depth), cross([0], depth, 1)];
  return Array.from({ length: group }, (_, index) =>
    pack(new Float64Array(packedLength(rows, depth)), data, index * rows * depth, ...offsets));
}

/** Find out all that follows from the dimensions. */
function planConv(attributes, [n, channels, ...sizes], [made, taken, ...kernel]) {
  const { group, kernel_shape: stated } = attributes;
  if (channels !== taken * group || made % group || (stated && String(stated) !== String(kernel))) {
    const got = [made, taken, ...kernel].join("×");
    throw new ModelFileError(`Kernels must be for ${channels} channels in ${group} groups. Got ${got}.`);
  }
  const [down, across] = layWindows(attributes, sizes, kernel);
  const height = down.before + down.size + down.after;
  const width = across.before + across.size + across.after;
  const channelOffsets = cross([0], taken, height * width);
  const rowOffsets = cross(channelOffsets, down.kernel, down.dilation * width);
  return {
    down, across, channels, height, width,
    dims: sizes.length === 1 ? [n, made, across.count] : [n, made, down.count, across.count],
    rows: made / group,
    columns: down.count * across.count,
    depth: taken * down.kernel * across.kernel,
    groupSize: taken * height * width,
    kernelOffsets: cross(rowOffsets, across.kernel, across.dilation),
    windowOffsets: cross(cross([0], down.count, down.stride * width), across.count, across.stride),
  };
}

/** Return where an image with its padding stands: itself where it has none. */
function padImage(data, image, { down, across, channels, height, width }, lend) {
  const start = image * channels * down.size * across.size;
  if (height === down.size && width === across.size) return { data, start };
  const padded = lend(Float32Array, channels * height * width).fill(0);
  for (let row = 0; row < channels * down.size; row++) {
    const channel = Math.floor(row / down.size);
    const to = (channel * height + down.before + (row % down.size)) * width + across.before;
    const from = start + row * across.size;
    padded.set(data.subarray(from, from + across.size), to);
  }
  return { data: padded, start: 0 };
}
