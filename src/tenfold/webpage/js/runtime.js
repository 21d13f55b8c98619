/** A graph, run node by node. */

import { ModelFileError } from "./errors.js";
import { prepareNode } from "./operators.js";

/**
 * @typedef {import("./tensor.js").Tensor} Tensor
 * @typedef {import("./onnx.js").Node} Node
 * @typedef {import("./operators.js").Step} Step
 *
 * @callback Run What it returns is valid until the next run of any output.
 * @param {Record<string, Tensor>} feeds
 * @returns {Tensor}
 */

/**
 * Make functions that compute outputs of a graph. What follows from weights alone is computed here, once.
 *
 * @param {import("./onnx.js").Graph} graph
 * @returns {Record<string, Run>} By name of an output.
 */
export function compile(graph) {
  const constants = new Map(graph.constants);
  /** @type {Map<Node, Step>} */
  const steps = new Map();
  const runs = graph.outputs.map(({ name }) => {
    const nodes = orderNodes(graph, name);
    for (const node of nodes) if (!steps.has(node)) steps.set(node, prepare(node, constants));
    const changing = nodes.filter((node) => !constants.has(node.outputs[0]));
    return [name, (feeds) => run(changing, { steps, constants, feeds }).get(name)];
  });
  return Object.fromEntries(runs);
}

/** Prepare a node; if all it takes is constant, so is what it makes. */
function prepare(node, constants) {
  const known = node.inputs.map((name) => constants.get(name) ?? null);
  const step = prepareNode(node, known);
  const isConstant = node.inputs.every((name) => !name || constants.has(name));
  if (isConstant) constants.set(node.outputs[0], step(known));
  return step;
}

function run(nodes, { steps, constants, feeds }) {
  const values = new Map([...constants, ...Object.entries(feeds)]);
  for (const node of nodes) {
    values.set(node.outputs[0], steps.get(node)(node.inputs.map((name) => values.get(name) ?? null)));
  }
  return values;
}

/** Return the nodes that an output needs, each after those that it takes from. */
function orderNodes({ nodes, constants, inputs }, wanted) {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const given = new Set(["", ...constants.keys(), ...inputs.map(({ name }) => name)]);
  const ordered = new Set();
  const path = new Set();
  const visit = (name) => {
    const node = makers.get(name);
    if (given.has(name) || ordered.has(node)) return;
    if (!node || path.has(node)) {
      const got = node ? "a cycle" : "none";
      throw new ModelFileError(`${name} must be computed by a node before it is needed. Got ${got}.`);
    }
    path.add(node);
    node.inputs.forEach(visit);
    ordered.add(node);
  };
  visit(wanted);
  return [...ordered];
}
