/** Writes what a model makes of the digit images it is given: by predictProba, embed, or both in turn. */

import { readFileSync, writeSync } from "node:fs";

import { Recognizer } from "../../src/tenfold/webpage/js/recognizer.js";

const recognizer = new Recognizer(new Uint8Array(readFileSync(process.argv[2])));
const images = new Uint8Array(readFileSync(0));
for (const method of process.argv.slice(3)) {
  let rest = new Uint8Array(recognizer[method](images).buffer);
  while (rest.length) rest = rest.subarray(writeSync(1, rest));
}
