/** Answers questions about one module's functions: [[function, argument …]] -> [result or {error}]. */

import { readFileSync } from "node:fs";

import * as grey from "../../src/tenfold/webpage/js/grey.js";
import * as predict from "../../src/tenfold/webpage/js/predict.js";
import { Recognizer } from "../../src/tenfold/webpage/js/recognizer.js";

const fromBase64 = (text) => new Uint8Array(Buffer.from(text, "base64"));

const ANSWERS = {
  grey: ({ width, height, data }) => {
    const made = grey.toGrey({ width, height, data: new Uint8ClampedArray(fromBase64(data)) });
    return Buffer.from(made.data).toString("base64");
  },
  predict: ({ model, images }) => {
    const recognizer = new Recognizer(new Uint8Array(readFileSync(model)));
    return { least: recognizer.least, predictions: predict.predictImages(fromBase64(images), recognizer) };
  },
  open: ({ model }) => Object.keys(new Recognizer(fromBase64(model)).card),
  predictProba: ({ model, images }) =>
    [...new Recognizer(fromBase64(model)).predictProba(fromBase64(images))],
};

function answer([name, argument]) {
  try {
    return ANSWERS[name](argument);
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf-8")).map(answer)));
