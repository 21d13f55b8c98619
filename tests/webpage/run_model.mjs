/** Writes the probabilities, then the embeddings, of the digit images it is given, by the model it is told. */

import { readFileSync, writeSync } from "node:fs";

import { Recognizer } from "../../src/tenfold/webpage/js/recognizer.js";

const recognizer = new Recognizer(new Uint8Array(readFileSync(process.argv[2])));
const images = new Uint8Array(readFileSync(0));
for (const numbers of [recognizer.predictProba(images), recognizer.embed(images)]) {
  let rest = new Uint8Array(numbers.buffer);
  while (rest.length) rest = rest.subarray(writeSync(1, rest));
}
