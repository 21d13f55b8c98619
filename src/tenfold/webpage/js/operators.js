/** The operators, by ONNX's names: those that the recipes emit, and no other. */

import { CONV_ATTRIBUTES, prepareConv } from "./convolve.js";
import { prepareBinary, prepareCast, prepareDequantize, prepareUnary } from "./elementwise.js";
import { ModelFileError } from "./errors.js";
import { prepareGemm, prepareMatMul, prepareSoftmax } from "./linear.js";
import { POOL_ATTRIBUTES, preparePool } from "./pool.js";
import {
  prepareFlatten, prepareReshape, prepareSqueeze, prepareTranspose, prepareUnsqueeze,
} from "./shapes.js";

/**
 * @typedef {import("./tensor.js").Tensor} Tensor
 *
 * @callback Step Computes a node. What it returns is valid until the next call.
 * @param {(Tensor | null)[]} inputs
 * @returns {Tensor}
 *
 * @callback Prepare Does what need be done but once for a node.
 * @param {any} attributes With defaults for those the node leaves out.
 * @param {(Tensor | null)[]} constants Those of its inputs that never change.
 * @returns {Step}
 *
 * @typedef {object} Operator
 * @property {string[]} types Of its first input.
 * @property {[number, number]} inputs How many it takes: at least, at most.
 * @property {Prepare} prepare
 * @property {Record<string, [string, any]>} [attributes] Type and default; undefined where one must be given.
 */

const FLOAT = ["float32"];
const SMALL = ["int8", "uint8"];
const SIGNED = ["float32", "int8", "int32"];
const ANY = ["float32", "uint8", "int8", "int32", "int64"];

/** @type {Record<string, Operator>} */
export const OPERATORS = {
  Add: { types: ANY, inputs: [2, 2], prepare: prepareBinary((left, right) => left + right) },
  Cast: {
    types: ANY, inputs: [1, 1], prepare: prepareCast,
    attributes: { to: ["int", undefined], saturate: ["int", 1] },
  },
  Conv: { types: FLOAT, inputs: [2, 3], prepare: prepareConv, attributes: CONV_ATTRIBUTES },
  DequantizeLinear: {
    types: [...SMALL, "int32"], inputs: [2, 3], prepare: prepareDequantize,
    attributes: { axis: ["int", 1], block_size: ["int", 0], output_dtype: ["int", 0] },
  },
  Div: { types: ANY, inputs: [2, 2], prepare: prepareBinary((left, right) => left / right) },
  Flatten: { types: ANY, inputs: [1, 1], prepare: prepareFlatten, attributes: { axis: ["int", 1] } },
  Gemm: {
    types: FLOAT, inputs: [2, 3], prepare: prepareGemm,
    attributes: { alpha: ["float", 1], beta: ["float", 1], transA: ["int", 0], transB: ["int", 0] },
  },
  Log: { types: FLOAT, inputs: [1, 1], prepare: prepareUnary(Math.log) },
  MatMul: { types: FLOAT, inputs: [2, 2], prepare: prepareMatMul },
  MaxPool: {
    types: ["float32", ...SMALL], inputs: [1, 1], prepare: preparePool, attributes: POOL_ATTRIBUTES,
  },
  Relu: { types: SIGNED, inputs: [1, 1], prepare: prepareUnary((value) => (value < 0 ? 0 : value)) },
  Reshape: { types: ANY, inputs: [2, 2], prepare: prepareReshape, attributes: { allowzero: ["int", 0] } },
  Softmax: { types: FLOAT, inputs: [1, 1], prepare: prepareSoftmax, attributes: { axis: ["int", -1] } },
  Squeeze: { types: ANY, inputs: [1, 2], prepare: prepareSqueeze },
  Sub: { types: ANY, inputs: [2, 2], prepare: prepareBinary((left, right) => left - right) },
  Transpose: { types: ANY, inputs: [1, 1], prepare: prepareTranspose, attributes: { perm: ["ints", null] } },
  Unsqueeze: { types: ANY, inputs: [2, 2], prepare: prepareUnsqueeze },
};

/**
 * Return what computes a node.
 *
 * @param {import("./onnx.js").Node} node
 * @param {(Tensor | null)[]} constants Those of its inputs that never change.
 * @returns {Step}
 */
export function prepareNode(node, constants) {
  const operator = findOperator(node);
  const { types, prepare, attributes = {} } = operator;
  return nameIn(node, () => {
    const step = prepare(attributesOf(node, attributes), constants);
    return (inputs) => nameIn(node, () => {
      checkType(inputs[0].type, types);
      return step(inputs);
    });
  });
}

function checkType(type, types) {
  if (!types.includes(type)) throw new ModelFileError(`The type must be ${types.join(" or ")}. Got ${type}.`);
}

function findOperator({ operator: name, inputs, outputs }) {
  if (!Object.hasOwn(OPERATORS, name)) {
    throw new ModelFileError(`Operators must be among ${Object.keys(OPERATORS).join(", ")}. Got ${name}.`);
  }
  const [least, most] = OPERATORS[name].inputs;
  if (inputs.length < least || inputs.length > most || outputs.length !== 1) {
    const got = `${inputs.length} and ${outputs.length}`;
    throw new ModelFileError(`${name} must have ${least} to ${most} inputs and one output. Got ${got}.`);
  }
  return OPERATORS[name];
}

function attributesOf({ operator, attributes }, known) {
  const values = Object.fromEntries(Object.entries(known).map(([name, [, value]]) => [name, value]));
  for (const { name, type, value } of attributes) {
    if (!Object.hasOwn(known, name) || known[name][0] !== type) {
      throw new ModelFileError(`Attributes must be known. Got ${name} of ${operator}, ${type}.`);
    }
    values[name] = value;
  }
  const missing = Object.keys(values).filter((name) => values[name] === undefined);
  if (missing.length) throw new ModelFileError(`The attribute ${missing[0]} must be given.`);
  return values;
}

/** Do some work; name the operator in what is wrong with it. */
function nameIn({ operator, outputs: [output] }, work) {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ModelFileError || error instanceof RangeError)) throw error;
    throw new ModelFileError(`${operator} (${output}): ${error.message}`, { cause: error });
  }
}
