/** Who answers the page: in an exported file the page itself. Nothing leaves it. */

import { load, PictureError } from "./tenfold.js";

/** Where what is drawn goes. */
export const PROMISE = "What you draw stays in this page: it is read by the model inside, and sent nowhere.";

/** Opened once, when it is first needed. */
let opened = null;

/** What went wrong, in words, and what to do. */
export class Failure extends Error {
  constructor(code, message, hint = "", wait = 0) {
    super(message);
    Object.assign(this, { code, hint, wait });
  }
}

/** Read a picture: {text, confidence, reason, diagnosis, numbers, model}. */
export async function readPicture(blob, signal) {
  const reader = await open();
  signal?.throwIfAborted();
  try {
    const reading = await reader.read(blob);
    signal?.throwIfAborted();
    return reading;
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    throw new Failure("bad_picture", error.message, "Try a PNG or JPEG file.");
  }
}

/** Return {name, sha256, card}. */
export async function getModel() {
  const { name, sha256, card } = await open();
  return { name, sha256, card };
}

/** Tell whether corrections are kept. */
export async function takesCorrections() {
  return false;
}

/** Refuse a correction: there is nobody to keep it. */
export async function sendCorrection() {
  throw new Failure("no_store", "This page keeps no corrections.");
}

/** Take a key, which nothing here asks for. */
export function useKey() {}

function open() {
  opened ??= load();
  return opened;
}
