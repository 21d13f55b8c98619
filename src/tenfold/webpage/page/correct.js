/** Corrections: what a digit should have been. One is kept only with consent. */

import { find, make } from "./build.js";
import { sendCorrection } from "./host.js";
import { NAMES } from "./words.js";

/** What a person said of each image, in this page's memory. */
const said = new Map();

let shown = null;
let consent = null;

/** Make a button for each label. */
export function makeCorrections() {
  find("correct").querySelector(".labels").append(...NAMES.map(makeButton));
  find("withdraw").addEventListener("click", () => {
    consent = null;
    find("withdraw").hidden = true;
    say("No more corrections are kept. You are asked again before the next one is.");
    find("correct").querySelector("button").focus();
  });
}

/** Offer to correct, where somebody keeps corrections. */
export function offerCorrections(isTaken) {
  find("correct").hidden = !isTaken;
}

/** Show what may be corrected: {image, predicted, model}; null where there is nothing. */
export function showCorrection(subject) {
  const isNew = subject?.image !== shown?.image;
  shown = subject?.image ? subject : null;
  find("correct").disabled = !shown;
  if (isNew) say("");
  mark();
}

async function correct(label) {
  const subject = shown;
  said.set(subject.image, label);
  mark();
  if (!(await mayKeep())) return say("Noted in this page alone; nothing was kept.");
  say("Sending …");
  try {
    const { id } = await sendCorrection({ ...subject, label });
    say(`Thank you. Kept as correction ${id}.`);
  } catch (failure) {
    say(`Not kept: ${failure.message} ${failure.hint}`);
  }
}

/** Ask for consent, once. */
async function mayKeep() {
  if (consent === null) consent = await askConsent();
  find("withdraw").hidden = !consent;
  return consent;
}

function askConsent() {
  const dialog = find("consent");
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true });
  });
}

function mark() {
  const label = shown ? said.get(shown.image) : undefined;
  for (const button of find("correct").querySelectorAll(".labels button")) {
    button.setAttribute("aria-pressed", String(button.value === String(label)));
  }
}

function makeButton(name, position) {
  const label = position < 10 ? position : null;
  const button = make("button", { type: "button", value: String(label) }, name);
  button.addEventListener("click", () => correct(label));
  return button;
}

function say(words) {
  find("kept").textContent = words;
}
