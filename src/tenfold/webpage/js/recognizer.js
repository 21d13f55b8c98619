/** A model that turns digit images into probabilities. */

import { InputError, ModelFileError } from "./errors.js";
import { parseModel } from "./onnx.js";
import { compile } from "./runtime.js";

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;
export const N_CLASSES = 11;

/** Confidence of a digit below which it is unsure, where the model has no threshold of its own. */
const LEAST = 0.5;

/** Images computed at a time, so that memory does not grow with them. */
const BATCH = 16;

/** By which probabilities may miss a sum of 1. */
const SLACK = 1e-3;

export class Recognizer {
  #runs;

  /**
   * @param {Uint8Array} bytes A model file of digit images.
   * @param {string | null} sha256 Of those bytes, where it is known.
   */
  constructor(bytes, sha256 = null) {
    const { card, graph } = parseModel(bytes);
    if (card.kind) throw new ModelFileError(`The model must be one of digits. Got one of ${card.kind}.`);
    checkSignature(graph);
    this.card = card;
    this.sha256 = sha256;
    this.nEmbedding = graph.outputs[1].dims[1];
    this.#runs = compile(graph);
    this.#check();
  }

  /** The confidence of a digit below which it is unsure. */
  get least() {
    return this.card.thresholds?.unsure ?? LEAST;
  }

  /**
   * Return the probability of each class.
   *
   * @param {Uint8Array} images n digit images one after the other, 784 bytes each: 0 paper … 255 ink.
   * @returns {Float32Array} For each image 11 numbers: of 0 to 9, and of "not a digit".
   */
  predictProba(images) {
    return this.#run(this.#runs.probabilities, images, N_CLASSES);
  }

  /**
   * Return what the network's last hidden layer makes of each image.
   *
   * @param {Uint8Array} images As `predictProba` takes them.
   * @returns {Float32Array} For each image `nEmbedding` numbers.
   */
  embed(images) {
    return this.#run(this.#runs.embedding, images, this.nEmbedding);
  }

  #run(compute, images, width) {
    checkImages(images);
    const count = images.length / PIXELS;
    const results = new Float32Array(count * width);
    for (let start = 0; start < count; start += BATCH) {
      const size = Math.min(BATCH, count - start);
      const data = images.subarray(start * PIXELS, (start + size) * PIXELS);
      const { dims, data: made } = compute({ images: { type: "uint8", dims: [size, SIDE, SIDE], data } });
      if (String(dims) !== String([size, width])) {
        throw new ModelFileError(`An output must be of shape ${size}×${width}. Got ${dims.join("×")}.`);
      }
      results.set(made, start * width);
    }
    return results;
  }

  /** Run it once, on white paper, so that a model that cannot run is refused when it is opened. */
  #check() {
    const paper = new Uint8Array(PIXELS);
    this.embed(paper);
    const sum = this.predictProba(paper).reduce((total, one) => total + one, 0);
    if (!(Math.abs(sum - 1) < SLACK)) throw new ModelFileError(`Probabilities must sum to 1. Got ${sum}.`);
  }
}

function checkImages(images) {
  const isBytes = images instanceof Uint8Array || images instanceof Uint8ClampedArray;
  if (isBytes && images.length % PIXELS === 0) return;
  const got = isBytes ? `${images.length} bytes` : Object.prototype.toString.call(images);
  throw new InputError(`images must be a Uint8Array with ${PIXELS} bytes of each image. Got ${got}.`);
}

function checkSignature({ inputs, outputs }) {
  const stated = [...inputs, ...outputs].map(describe);
  const size = outputs[1]?.dims[1];
  const expected = ["images uint8 n×28×28", "probabilities float32 n×11", `embedding float32 n×${size}`];
  if (!size || String(stated) !== String(expected)) {
    const got = stated.join("; ");
    throw new ModelFileError(`The model must take images and give probabilities and embedding. Got ${got}.`);
  }
}

function describe({ name, type, dims }) {
  return `${name} ${type} ${dims.map((dim) => dim ?? "n").join("×")}`;
}
