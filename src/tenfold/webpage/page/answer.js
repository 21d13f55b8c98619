/** The answer: the digits in large type, of which one may be chosen, and a sentence. */

import { find, make } from "./build.js";
import { isUnsure, nameOf, verdictOf } from "./words.js";

/** Numbers of characters up to which type is of each size. */
const SIZES = [[3, "huge"], [6, "large"], [14, "medium"]];

/** Show an answer; choose(position) is told which digit a person picks. */
export function showAnswer(answer, chosen, choose) {
  const digits = find("digits");
  const hadFocus = digits.contains(document.activeElement);
  digits.dataset.size = SIZES.find(([most]) => answer.text.length <= most)?.[1] ?? "small";
  digits.replaceChildren(digits.querySelector("legend"), ...makeLines(answer, chosen, choose));
  if (hadFocus) digits.querySelector(":checked")?.focus();
  find("verdict").textContent = verdictOf(answer);
  find("verdict").dataset.tone = answer.reason || isUnsure(answer) ? "unsure" : "sure";
  find("diagnosis").replaceChildren(...answer.diagnosis.map((words) => make("li", {}, words)));
}

/** Show that nothing was asked. */
export function showNothing(words) {
  showAnswer({ text: "", numbers: [], reason: null, diagnosis: [] }, 0);
  find("verdict").textContent = words;
  find("verdict").dataset.tone = "none";
}

/** Show what went wrong, and what to do; null takes it away. */
export function showTrouble(failure) {
  const trouble = find("trouble");
  trouble.hidden = !failure;
  trouble.textContent = failure ? [failure.message, failure.hint].filter(Boolean).join(" ") : "";
}

function makeLines(answer, chosen, choose) {
  const n_digits = answer.numbers.reduce((sum, number) => sum + number.digits.length, 0);
  let position = 0;
  const makeNumber = (number) => {
    const labels = number.digits.map((digit) => makeDigit(digit, position++, { n_digits, chosen, choose }));
    return make("span", { className: "number" }, ...labels);
  };
  const lines = [...new Set(answer.numbers.map(({ line }) => line))];
  return lines.map((line) => {
    const numbers = answer.numbers.filter((number) => number.line === line);
    return make("div", { className: "line" }, ...numbers.map(makeNumber));
  });
}

function makeDigit(digit, position, { n_digits, chosen, choose }) {
  const radio = make("input", { type: "radio", name: "digit", checked: position === chosen });
  radio.setAttribute("aria-label", nameOf(digit, position, n_digits));
  radio.addEventListener("change", () => choose(position));
  const className = digit.reason ? "digit unsure" : "digit";
  return make("label", { className }, radio, make("span", { ariaHidden: "true" }, String(digit.label)));
}
