/** The page: a pad, the answer that follows it, and what a person may do with both. */

import { showAnswer, showNothing, showTrouble } from "./answer.js";
import { find } from "./build.js";
import { makeBars, showDetail } from "./detail.js";
import { makeCorrections, offerCorrections, showCorrection } from "./correct.js";
import { makeFollower } from "./follow.js";
import { putAway, repaint } from "./history.js";
import { PROMISE, getModel, readPicture, takesCorrections, useKey } from "./host.js";
import { listenToKeys } from "./keys.js";
import { digitAt, digitUnder, showBoxes, showCursor } from "./overlay.js";
import { listenToPen } from "./pen.js";
import { listenToPictures, openPicture } from "./pictures.js";
import { boxOf, fit, isBlank, makeSheet, paint, toPicture } from "./sheet.js";
import { spoken } from "./words.js";

/** Milliseconds of quiet after which an answer is spoken. */
const QUIET = 700;

const INVITATION = "Your digits are read here while you draw.";

const paper = find("paper");
const pad = find("pad");
const overlay = find("overlay");

/** The sheet on the pad, those before each change, and the stroke that is being drawn. */
let sheet = makeSheet(1, 1);
let before = [];
let stroke = null;

/** What was answered, as {answer, place}, and which of its digits is chosen, by a person or for her. */
let read = null;
let chosen = 0;
let isPicked = false;

let speech = 0;
let frame = 0;

const follower = makeFollower({
  ask: async (signal) => {
    const { blob, ...place } = await toPicture(sheet);
    return { answer: await readPicture(blob, signal), place };
  },
  tell: (answered) => {
    read = answered;
    showTrouble(null);
    if (!isPicked) chosen = mostInteresting();
    show();
    speak(spoken(read.answer));
  },
  fail: (failure) => {
    forget("");
    complain(failure);
  },
  wait: (isSlow) => pad.toggleAttribute("data-reading", isSlow),
  busy: (isBusy) => find("digits").setAttribute("aria-busy", String(isBusy)),
});

const hand = {
  begin: (point) => {
    if (sheet.picture) return pick(digitAt(digits(), read?.place, point));
    stroke = [point];
    isPicked = false;
    pad.toggleAttribute("data-drawing", true);
    replace({ ...sheet, strokes: [...sheet.strokes, stroke] });
    return true;
  },
  extend: (points) => {
    stroke.push(...points);
    redraw();
    follower.change();
  },
  finish: () => {
    endStroke();
    follower.finish();
  },
  cancel: () => {
    endStroke();
    undo();
  },
};

function endStroke() {
  stroke = null;
  pad.toggleAttribute("data-drawing", false);
}

/** Put another sheet on the pad, from which undo leads back. */
function replace(next) {
  before.push(sheet);
  sheet = next;
  redraw();
}

function undo() {
  if (!before.length || stroke) return;
  sheet = fit(before.pop(), paper.clientWidth, paper.clientHeight);
  askAnew();
}

function clear() {
  if (isBlank(sheet) || stroke) return;
  putAway(sheet, read?.answer, reopen);
  replace(makeSheet(sheet.width, sheet.height));
  askAnew();
}

/** Put a sheet from the history on the pad. */
function reopen(old) {
  if (!isBlank(sheet)) putAway(sheet, read?.answer, reopen);
  replace(fit(old, paper.clientWidth, paper.clientHeight));
  askAnew();
}

async function take(files) {
  const [file] = files;
  if (!file) return showTrouble({ message: "There is no picture in the clipboard.", hint: "Copy one first." });
  const picture = await openPicture(file);
  if (!isBlank(sheet)) putAway(sheet, read?.answer, reopen);
  replace(makeSheet(sheet.width, sheet.height, { picture }));
  askAnew(picture.bitmap ? "Reading …" : "Reading … This browser cannot show the picture.");
}

/** Forget the answer, and ask for that of the sheet on the pad. */
function askAnew(words = "Reading …") {
  isPicked = false;
  redraw();
  showTrouble(null);
  if (isBlank(sheet)) {
    follower.stop();
    forget(INVITATION);
    speak("The pad is empty.");
  } else {
    forget(words);
    follower.restart();
  }
}

function forget(words) {
  read = null;
  showNothing(words);
  showBoxes(overlay, [], null, 0);
  showDetail("How probable each answer is");
  showCorrection(null);
}

function digits() {
  return read ? read.answer.numbers.flatMap((number) => number.digits) : [];
}

/** Return the position of the digit that was drawn last; in a picture of the first. */
function mostInteresting() {
  const last = sheet.strokes.at(-1);
  return last ? digitUnder(digits(), read.place, boxOf([last])) : 0;
}

/** Choose the digit at a position, if there is one; nothing is drawn then. */
function pick(position) {
  if (position >= 0) {
    chosen = position;
    isPicked = true;
    show();
  }
  return false;
}

/** Show the answer and the chosen digit. */
function show() {
  const { answer, place } = read;
  const all = digits();
  chosen = Math.min(chosen, Math.max(0, all.length - 1));
  showAnswer(answer, chosen, pick);
  showBoxes(overlay, all, place, chosen);
  const digit = all[chosen] ?? answer;
  const title = all.length > 1 ? `Digit ${chosen + 1} of ${all.length}` : "How probable each answer is";
  showDetail(title, digit);
  showCorrection({ image: digit.image, predicted: digit.label ?? null, model: answer.model });
}

function complain(failure) {
  find("key").hidden = failure.code !== "no_key";
  showTrouble(failure.code === "no_key" ? { message: "This service asks for a key." } : failure);
}

/** Go on with the key that was typed. */
function unlock(event) {
  event.preventDefault();
  useKey(find("key-field").value);
  find("key").hidden = true;
  showTrouble(null);
  introduce();
  if (!isBlank(sheet)) askAnew();
}

function speak(words, delay = QUIET) {
  clearTimeout(speech);
  speech = setTimeout(() => (find("spoken").textContent = words), delay);
}

/** Draw the pad in the next frame. */
function redraw() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    const context = paper.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, paper.width, paper.height);
    paint(context, sheet, getComputedStyle(paper).color);
    pad.dataset.holds = sheet.picture ? "picture" : isBlank(sheet) ? "nothing" : "drawing";
    find("undo").setAttribute("aria-disabled", String(!before.length));
    find("clear").setAttribute("aria-disabled", String(isBlank(sheet)));
  });
}

/** Fit the pad's pixels and what is on it to the size it has now. */
function resize() {
  const { clientWidth: width, clientHeight: height } = paper;
  paper.width = Math.round(width * devicePixelRatio);
  paper.height = Math.round(height * devicePixelRatio);
  const isOther = !isBlank(sheet) && (sheet.width !== width || sheet.height !== height);
  sheet = isBlank(sheet) ? makeSheet(width, height) : fit(sheet, width, height);
  if (stroke) stroke = sheet.strokes.at(-1);
  redraw();
  if (isOther) follower.restart();
}

function listen() {
  listenToPen(paper, hand);
  listenToKeys(paper, hand, {
    undo, clear,
    show: (cursor) => showCursor(overlay, cursor),
    say: (words) => speak(words, 0),
  });
  listenToPictures(pad, [find("file"), find("camera")], take);
  find("undo").addEventListener("click", undo);
  find("clear").addEventListener("click", clear);
  find("key").addEventListener("submit", unlock);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") undo();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (redraw(), repaint()));
  new ResizeObserver(resize).observe(paper);
}

/** Say what becomes of drawings and which model answers; offer to correct where corrections are kept. */
async function introduce() {
  find("promise").textContent = PROMISE;
  try {
    const { name, sha256 } = await getModel();
    find("model").textContent = `Read by ${name}, ${sha256.slice(0, 12)}.`;
    offerCorrections(await takesCorrections());
  } catch (failure) {
    complain(failure);
  }
}

makeBars();
makeCorrections();
listen();
introduce();
