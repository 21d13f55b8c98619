/** A reader of protocol buffers whose fields are listed; any other field is refused. */

import { ModelFileError } from "./errors.js";

const INTEGER = 0;
const BYTES = 2;
const FIXED_32 = 5;

const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const MOST_BITS = 64n;

/** By kind of field: what stands where it is missing. */
const EMPTY = { int32: 0, int64: 0, float: 0, string: "", bytes: new Uint8Array(0) };

/**
 * @typedef {Record<string, Record<string, [number, string]>>} Messages
 *   By name of a message, by name of a field: its number and its kind, another message or one of int32,
 *   int64, float, string and bytes. A star marks a repeated field.
 *
 * @typedef {object} Cursor
 * @property {Uint8Array} bytes
 * @property {number} position
 */

/**
 * Decode a message.
 *
 * @param {Uint8Array} bytes
 * @param {Messages} messages
 * @param {string} name Of the message, in the table.
 * @param {string} [place] What the message is called where something is wrong with it.
 * @returns {any} An object with every field of the table. Of bytes it holds views, not copies.
 */
export function decode(bytes, messages, name, place = name.toLowerCase()) {
  const fields = Object.entries(messages[name]);
  const known = new Map(fields.map(([field, [number, kind]]) => [number, { field, kind }]));
  const message = Object.fromEntries(fields.map(([field, [, kind]]) => [field, emptyOf(kind)]));
  const seen = new Set();
  const cursor = { bytes, position: 0 };
  while (cursor.position < bytes.length) {
    const key = readInteger(cursor);
    const number = Math.floor(key / 8);
    if (!known.has(number)) {
      throw new ModelFileError(`A model may use a part of ONNX only. Got field ${number} in its ${place}.`);
    }
    const { field, kind } = known.get(number);
    const options = { kind: kind.replace("*", ""), messages, place: `${place}.${field}` };
    const values = readValues(cursor, key % 8, options);
    if (kind[0] === "*") for (const value of values) message[field].push(value);
    else if (seen.has(field)) throw new ModelFileError(`${options.place} must be there once. Got it twice.`);
    else [message[field]] = values;
    seen.add(field);
  }
  return message;
}

function emptyOf(kind) {
  return kind[0] === "*" ? [] : EMPTY[kind] ?? null;
}

/** Read what stands after a key: one value, or several numbers packed. */
function readValues(cursor, wire, { kind, messages, place }) {
  const isNumber = kind === "int32" || kind === "int64" || kind === "float";
  if (wire === (kind === "float" ? FIXED_32 : INTEGER) && isNumber) return [readNumber(cursor, kind)];
  if (wire !== BYTES) throw new ModelFileError(`${place} must be of wire type ${BYTES}. Got ${wire}.`);
  const bytes = readBytes(cursor);
  if (isNumber) return [...readPacked(bytes, kind)];
  if (kind === "bytes") return [bytes];
  return [kind === "string" ? readText(bytes, place) : decode(bytes, messages, kind, place)];
}

function* readPacked(bytes, kind) {
  const cursor = { bytes, position: 0 };
  while (cursor.position < bytes.length) yield readNumber(cursor, kind);
}

/** @param {Cursor} cursor */
function readNumber(cursor, kind) {
  if (kind !== "float") return readInteger(cursor);
  const bytes = take(cursor, 4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
}

/** Read an integer of 7 bits a byte, the lowest first, as signed 64 bits. */
function readInteger(cursor) {
  let value = 0n;
  for (let shift = 0n; shift < MOST_BITS; shift += 7n) {
    const [byte] = take(cursor, 1);
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return toNumber(BigInt.asIntN(64, value));
  }
  throw new ModelFileError("The file must be an ONNX model. Got an integer of over 64 bits.");
}

function toNumber(value) {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new ModelFileError(`Integers must be within ±2⁵³. Got ${value}.`);
  return number;
}

function readBytes(cursor) {
  return take(cursor, readInteger(cursor));
}

function readText(bytes, place) {
  try {
    return UTF_8.decode(bytes);
  } catch {
    throw new ModelFileError(`${place} must be UTF-8. Got other bytes.`);
  }
}

/** @param {Cursor} cursor */
function take(cursor, length) {
  const end = cursor.position + length;
  if (length < 0 || end > cursor.bytes.length) {
    throw new ModelFileError("The file must be an ONNX model. Got bytes that end too early.");
  }
  const bytes = cursor.bytes.subarray(cursor.position, end);
  cursor.position = end;
  return bytes;
}
