/** Bytes, from what they come in. */

import { InputError } from "./errors.js";

const GZIP = [0x1f, 0x8b];

/**
 * Return the bytes that base64 stands for, unpacked if they are gzipped.
 *
 * @param {string} base64
 * @returns {Promise<Uint8Array>}
 */
export async function decodeBase64(base64) {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  if (GZIP.some((byte, position) => bytes[position] !== byte)) return bytes;
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

/**
 * Return a view of bytes.
 *
 * @param {ArrayBuffer | ArrayBufferView} source
 * @returns {Uint8Array}
 */
export function asBytes(source) {
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  throw new InputError(`A model must be an ArrayBuffer or a view of one. Got ${typeof source}.`);
}

/**
 * Return the sha256 of bytes, null where the browser computes none: on pages from other hosts without TLS.
 *
 * @param {Uint8Array} bytes
 * @returns {Promise<string | null>}
 */
export async function sha256(bytes) {
  if (!globalThis.crypto?.subtle) return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
