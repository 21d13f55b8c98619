/** Runs graphs: [{model, rounds: [{name: tensor}]}] -> [{rounds: [tensor]}] or [{error}]; bytes are base64. */

import { readFileSync } from "node:fs";

import { parseModel } from "../../src/tenfold/webpage/js/onnx.js";
import { compile } from "../../src/tenfold/webpage/js/runtime.js";
import { ARRAYS } from "../../src/tenfold/webpage/js/tensor.js";

const toTensor = ({ type, dims, data }) =>
  ({ type, dims, data: new ARRAYS[type](new Uint8Array(Buffer.from(data, "base64")).buffer) });

const fromTensor = ({ type, dims, data }) =>
  ({ type, dims, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64") });

function answer({ model, rounds }) {
  try {
    const { graph } = parseModel(new Uint8Array(Buffer.from(model, "base64")));
    const run = compile(graph)[graph.outputs[0].name];
    return { rounds: rounds.map((feeds) => fromTensor(run(mapValues(feeds, toTensor)))) };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf-8")).map(answer)));
