/** Whatever a browser has of a picture -> its pixels. */

import { PictureError } from "./errors.js";
import { checkSize } from "./grey.js";

/** How a file is opened: with its colors as they are. It is turned upright in any case. */
const AS_IT_IS = { premultiplyAlpha: "none", colorSpaceConversion: "none" };

const KINDS = "a canvas, an ImageBitmap, ImageData, an image, or a Blob";

/**
 * Return the pixels of a picture.
 *
 * @param {any} source A canvas of either kind, an ImageBitmap, ImageData, an image element, or a Blob.
 * @returns {Promise<import("./grey.js").Pixels>}
 */
export async function toPixels(source) {
  if (source?.data instanceof Uint8ClampedArray) return source;
  if (source instanceof Blob) return openFile(source);
  const width = source?.naturalWidth ?? source?.width;
  const height = source?.naturalHeight ?? source?.height;
  if (typeof width !== "number" || typeof height !== "number") {
    throw new PictureError(`A picture must be ${KINDS}. Got ${Object.prototype.toString.call(source)}.`);
  }
  return draw(source, width, height);
}

async function openFile(blob) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob, AS_IT_IS);
  } catch {
    const got = blob.type || "other bytes";
    throw new PictureError(`A file must be a picture that this browser opens. Got ${got}.`);
  }
  try {
    return draw(bitmap, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

function draw(source, width, height) {
  checkSize(width, height);
  const context = makeCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0);
  return context.getImageData(0, 0, width, height);
}

function makeCanvas(width, height) {
  if (typeof OffscreenCanvas === "function") return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}
