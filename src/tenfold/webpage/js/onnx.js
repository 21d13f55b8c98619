/** The bytes of a tenfold model -> its graph and its card. What it does not know is refused, by name. */

import { ModelFileError } from "./errors.js";
import { decode } from "./protobuf.js";
import { MESSAGES } from "./schema.js";
import { ARRAYS, sizeOf, TYPES } from "./tensor.js";

const MOST_BYTES = 20_000_000;
const FORMAT = 1;
const OPSETS = { least: 17, most: 23 };
const DOMAINS = ["", "ai.onnx"];

/** By ONNX's code of an attribute's type: its name, and how its value is taken. */
const ATTRIBUTES = new Map([
  [1, ["float", ({ f }) => f]],
  [2, ["int", ({ i }) => i]],
  [3, ["string", ({ s }) => new TextDecoder().decode(s)]],
  [6, ["floats", ({ floats }) => floats]],
  [7, ["ints", ({ ints }) => ints]],
]);

/**
 * @typedef {import("./tensor.js").Tensor} Tensor
 *
 * @typedef {object} Node
 * @property {string} operator
 * @property {string[]} inputs Names; an empty one where an input is left out.
 * @property {string[]} outputs
 * @property {{name: string, type: string, value: any}[]} attributes
 *
 * @typedef {object} Signature Of an input or output; dimensions left open are null.
 * @property {string} name
 * @property {string | undefined} type
 * @property {(number | null)[]} dims
 *
 * @typedef {object} Graph
 * @property {Node[]} nodes
 * @property {Map<string, Tensor>} constants
 * @property {Signature[]} inputs
 * @property {Signature[]} outputs
 */

/**
 * Parse a model.
 *
 * @param {Uint8Array} bytes The whole file.
 * @returns {{card: any, graph: Graph}}
 */
export function parseModel(bytes) {
  if (bytes.length > MOST_BYTES) {
    throw new ModelFileError(`A model may have ${MOST_BYTES} bytes. Got ${bytes.length}.`);
  }
  const model = decode(bytes, MESSAGES, "Model");
  if (!model.graph) throw new ModelFileError("The file must be an ONNX model. Got bytes without a graph.");
  checkOpset(model.opset_import);
  const { node, initializer, input, output } = model.graph;
  const graph = {
    nodes: node.map(toNode),
    constants: new Map(initializer.map((tensor) => [tensor.name, toTensor(tensor)])),
    inputs: input.map(toSignature),
    outputs: output.map(toSignature),
  };
  return { card: readCard(model.metadata_props), graph };
}

function checkOpset(imports) {
  const [{ domain, version } = {}] = imports;
  if (imports.length !== 1 || !DOMAINS.includes(domain) || version < OPSETS.least || version > OPSETS.most) {
    const got = imports.map((one) => `${one.domain || "ai.onnx"} ${one.version}`).join(", ");
    throw new ModelFileError(`The ONNX opset must be ${OPSETS.least} to ${OPSETS.most}, alone. Got ${got}.`);
  }
}

/** @returns {Node} */
function toNode({ op_type: operator, domain, input: inputs, output: outputs, attribute }) {
  if (!DOMAINS.includes(domain)) {
    throw new ModelFileError(`Operators must be of ONNX's own domain. Got ${operator} of ${domain}.`);
  }
  return { operator, inputs, outputs, attributes: attribute.map((one) => toAttribute(operator, one)) };
}

function toAttribute(operator, attribute) {
  const [type, take] = ATTRIBUTES.get(attribute.type) ?? [];
  if (!take) {
    throw new ModelFileError(`Attributes must be numbers or text. Got ${attribute.name} of ${operator}.`);
  }
  return { name: attribute.name, type, value: take(attribute) };
}

/** @returns {Tensor} */
function toTensor({ name, dims, data_type: code, raw_data: raw, ...elsewhere }) {
  const type = TYPES.get(code);
  if (!type) {
    const types = [...TYPES.values()].join(", ");
    throw new ModelFileError(`The tensor ${name} must be of ${types}. Got type ${code}.`);
  }
  const expected = sizeOf(dims) * ARRAYS[type].BYTES_PER_ELEMENT;
  if (hasMore(elsewhere) || raw.length !== expected || dims.some((dim) => dim < 0)) {
    throw new ModelFileError(`The tensor ${name} must have ${expected} raw bytes, alone. Got ${raw.length}.`);
  }
  const data = new ARRAYS[type](raw.slice().buffer);
  if (type === "float32" && !data.every(Number.isFinite)) {
    throw new ModelFileError(`The tensor ${name} must hold finite numbers. Got NaN or infinity.`);
  }
  return { type, dims, data };
}

/** Tell whether a tensor has numbers outside its raw bytes. */
function hasMore({ float_data, int32_data, int64_data, external_data, data_location }) {
  const lists = [float_data, int32_data, int64_data, external_data];
  return data_location !== 0 || lists.some((list) => list.length);
}

/** @returns {Signature} */
function toSignature({ name, type }) {
  const tensor = type?.tensor_type;
  const dims = (tensor?.shape?.dim ?? []).map((dim) => dim.dim_value || null);
  return { name, type: TYPES.get(tensor?.elem_type), dims };
}

/** Read the card, JSON in the metadata. */
function readCard(metadata) {
  const texts = metadata.filter(({ key }) => key === "tenfold").map(({ value }) => value);
  if (texts.length !== 1) {
    throw new ModelFileError(`The metadata must hold one tenfold card. Got ${texts.length}.`);
  }
  let card;
  try {
    card = JSON.parse(texts[0]);
  } catch (error) {
    throw new ModelFileError(`The card must be JSON. ${error.message}.`);
  }
  if (card?.format !== FORMAT) {
    throw new ModelFileError(`The model's format must be ${FORMAT}. Got ${card?.format}. Export anew.`);
  }
  return card;
}
