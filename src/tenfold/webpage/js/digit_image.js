/** The whole way from a grey picture to a digit image. */

import { toDigitImage } from "./centered.js";
import { extractInk } from "./ink.js";
import { isolateDigit } from "./isolate.js";
import { eraseSquares } from "./squared.js";
import { evenStrokes } from "./strokes.js";

/**
 * Make the digit image of a grey picture that shows one digit.
 *
 * @param {import("./raster.js").Raster} grey 0 black … 255 white, dark on light or light on dark.
 * @returns {Uint8Array | null} 28×28 pixels, 0 paper … 255 ink; null where there is no ink.
 */
export function greyToDigitImage(grey) {
  return toDigitImage(evenStrokes(isolateDigit(eraseSquares(extractInk(grey)))));
}
