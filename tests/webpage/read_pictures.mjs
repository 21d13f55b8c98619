/** Writes what is read in each picture with the model file that is the first argument. */

import { readFileSync } from "node:fs";

import { readGrey } from "../../src/tenfold/webpage/js/reading.js";
import { Recognizer } from "../../src/tenfold/webpage/js/recognizer.js";
import { readPictures } from "./pictures.mjs";

const recognizer = new Recognizer(new Uint8Array(readFileSync(process.argv[2])));
process.stdout.write(JSON.stringify(readPictures().map((grey) => readGrey(grey, recognizer))));
