/** What the page asks, answered by the service that it came from. */

export const PROMISE =
  "What you draw goes to the service that this page came from, is read, and is forgotten.";

/** What requests carry where the service asks for a key; in this page's memory only. */
let key = "";

export function useKey(given) {
  key = given;
}

/** What went wrong, in words, and what to do. */
export class Failure extends Error {
  constructor(code, message, hint = "", wait = 0) {
    super(message);
    Object.assign(this, { code, hint, wait });
  }
}

/** Read a picture: {text, confidence, reason, diagnosis, numbers, model}. */
export function readPicture(blob, signal) {
  return ask("v1/read?images=true", { method: "POST", body: blob, signal });
}

/** Return {name, sha256, card}. */
export function getModel() {
  return ask("v1/model");
}

/** Tell whether corrections are kept. */
export async function takesCorrections() {
  try {
    return (await ask("v1/corrections")).accepts;
  } catch (failure) {
    if (["not_found", "no_store"].includes(failure.code)) return false;
    throw failure;
  }
}

/** Have a correction kept; return {id}. */
export function sendCorrection(correction) {
  const body = JSON.stringify({ ...correction, consent: true });
  return ask("v1/corrections", { method: "POST", body, headers: { "content-type": "application/json" } });
}

async function ask(path, { headers = {}, ...options } = {}) {
  if (key) headers.authorization = `Bearer ${key}`;
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure("unreachable", "The service does not answer.",
      "See whether it still runs. Your next stroke asks again.");
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  throw failureOf(response, body?.error);
}

function failureOf(response, error) {
  const wait = Number(response.headers.get("retry-after")) || 0;
  if (error) return new Failure(error.code, error.message, error.hint, wait);
  return new Failure("unknown", `The service answered with status ${response.status}.`,
    "Your next stroke asks again.", wait);
}
