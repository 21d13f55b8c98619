/** Grey pictures from the standard input: width and height as 32 bits each, and the pixels. */

import { readFileSync } from "node:fs";

export function readPictures() {
  const bytes = readFileSync(0);
  const pictures = [];
  for (let at = 0; at < bytes.length;) {
    const [width, height] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    const start = at + 8;
    at = start + width * height;
    pictures.push({ data: new Uint8Array(bytes.subarray(start, at)), width, height });
  }
  return pictures;
}
