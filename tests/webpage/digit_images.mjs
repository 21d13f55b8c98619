/** Writes the digit image of each picture, or null. */

import { greyToDigitImage } from "../../src/tenfold/webpage/js/digit_image.js";
import { readPictures } from "./pictures.mjs";

const images = readPictures().map(greyToDigitImage);
process.stdout.write(JSON.stringify(images.map((image) => image && [...image])));
