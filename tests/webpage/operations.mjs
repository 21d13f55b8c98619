/** Writes what an operation, the first argument, makes of each picture; numbers follow it. */

import { resizeBicubic } from "../../src/tenfold/webpage/js/bicubic.js";
import { blur } from "../../src/tenfold/webpage/js/blur.js";
import { findConnected } from "../../src/tenfold/webpage/js/connected.js";
import { measureDistances } from "../../src/tenfold/webpage/js/distance.js";
import { countLevels, findThreshold } from "../../src/tenfold/webpage/js/levels.js";
import {
  close, dilate, erode, makeEllipse, makeRectangle, open,
} from "../../src/tenfold/webpage/js/morphology.js";
import { estimatePaper } from "../../src/tenfold/webpage/js/paper.js";
import { resizeCubic, resizeLinear, shrinkByArea } from "../../src/tenfold/webpage/js/resize.js";
import { readPictures } from "./pictures.mjs";

const toFloat = (picture) => ({ ...picture, data: Float32Array.from(picture.data) });
const [name, ...sizes] = process.argv.slice(2);
const [one, other] = sizes.map(Number);

const OPERATIONS = {
  area: (picture) => shrinkByArea(picture, one, other),
  linear: (picture) => resizeLinear(toFloat(picture), one, other),
  cubic: (picture) => resizeCubic(picture, one, other),
  bicubic: (picture) => resizeBicubic(picture, one, other),
  blur: (picture) => blur(toFloat(picture), one),
  dilate: (picture) => dilate(picture, makeEllipse(one)),
  erode: (picture) => erode(picture, makeEllipse(one)),
  close: (picture) => close(picture, makeRectangle(one, other)),
  open: (picture) => open(picture, one, other),
  distances: measureDistances,
  labels: (picture) => findConnected(picture).labels,
  parts: (picture) => findConnected(picture).parts.map(({ box, area, center }) => [...box, area, ...center]),
  threshold: (picture) => findThreshold(countLevels(picture.data)),
  paper: estimatePaper,
};

const answers = readPictures().map(OPERATIONS[name]);
process.stdout.write(JSON.stringify(answers.map((answer) => (answer.data ? [...answer.data] : answer))));
