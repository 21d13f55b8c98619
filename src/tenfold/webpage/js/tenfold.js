/** tenfold in a browser: reads handwritten digits, and says when it does not know. */

import { asBytes, decodeBase64, sha256 } from "./bytes.js";
import { EMBEDDED } from "./embedded.js";
import { InputError } from "./errors.js";
import { toGrey } from "./grey.js";
import { toPixels } from "./picture.js";
import { predictImages } from "./predict.js";
import { readGrey } from "./reading.js";
import { Recognizer } from "./recognizer.js";

export { InputError, ModelFileError, PictureError } from "./errors.js";

/**
 * Open a model.
 *
 * @param {ArrayBuffer | ArrayBufferView} [model] The bytes of an .onnx file that tenfold wrote. By default
 *   the model that this module brings along.
 * @returns {Promise<Reader>}
 */
export async function load(model) {
  if (model !== undefined) {
    const bytes = asBytes(model);
    return new Reader(new Recognizer(bytes, await sha256(bytes)), "model");
  }
  if (!EMBEDDED) throw new InputError("load must be given a model: this module brings none along.");
  return new Reader(new Recognizer(await decodeBase64(EMBEDDED.base64), EMBEDDED.sha256), EMBEDDED.name);
}

/** A model that reads. `load` makes one. */
export class Reader {
  #recognizer;

  /**
   * @param {Recognizer} recognizer
   * @param {string} name
   */
  constructor(recognizer, name) {
    this.#recognizer = recognizer;
    this.name = name;
  }

  /** What the model says of itself. */
  get card() {
    return this.#recognizer.card;
  }

  /** Of the model file; null where the browser computes none. */
  get sha256() {
    return this.#recognizer.sha256;
  }

  /** The confidence of a digit below which it is unsure. */
  get least() {
    return this.#recognizer.least;
  }

  /**
   * Say what digit images show.
   *
   * @param {Uint8Array} images n digit images, 784 bytes each: 0 paper … 255 ink, the ink centered.
   */
  predict(images) {
    return predictImages(images, this.#recognizer);
  }

  /**
   * Return 11 probabilities for each image: of 0 to 9, and of "not a digit".
   *
   * @param {Uint8Array} images As `predict` takes them.
   */
  predictProba(images) {
    return this.#recognizer.predictProba(images);
  }

  /**
   * Return what the network's last hidden layer makes of each image.
   *
   * @param {Uint8Array} images As `predict` takes them.
   */
  embed(images) {
    return this.#recognizer.embed(images);
  }

  /**
   * Read the numbers in a picture.
   *
   * @param {any} source A canvas of either kind, an ImageBitmap, ImageData, an image element, or a Blob.
   */
  async read(source) {
    const reading = readGrey(toGrey(await toPixels(source)), this.#recognizer);
    return { ...reading, model: this.sha256 };
  }
}
