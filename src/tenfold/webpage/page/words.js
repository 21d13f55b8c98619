/** Answers in words. */

const NO_BREAK = "\u00a0";

/** Return a probability as a percentage; never all or nothing where it is neither. */
export function percent(probability) {
  if (probability <= 0) return `0${NO_BREAK}%`;
  if (probability < 0.0005) return `<${NO_BREAK}0.1${NO_BREAK}%`;
  if (probability > 0.9995) return `>${NO_BREAK}99.9${NO_BREAK}%`;
  return `${(100 * probability).toFixed(1)}${NO_BREAK}%`;
}

export const NAMES = [..."0123456789", "not a digit"];

export function isUnsure(answer) {
  return answer.numbers.some((number) => number.reason || number.digits.some((digit) => digit.reason));
}

/** Return what is said below an answer. */
export function verdictOf(answer) {
  if (answer.reason === "blank") return "I see no ink.";
  if (answer.reason) return `I don’t know: ${answer.reason}.`;
  if (!answer.numbers.length) return "I don’t know: nothing that I can read.";
  const confidence = percent(answer.confidence);
  return isUnsure(answer) ? `I don’t know: unsure. My best guess has ${confidence}.` : `${confidence} sure`;
}

/** Return an answer as it is spoken. */
export function spoken(answer) {
  const text = answer.text.replaceAll("\n", ", ");
  const verdict = verdictOf(answer).replace(/\.$/, "");
  return `${[text && `Read as ${text}`, verdict, ...answer.diagnosis].filter(Boolean).join(". ")}.`;
}

/** Return the name of a digit for those who do not see it. */
export function nameOf(digit, position, n_digits) {
  const sure = digit.reason ? `${digit.reason}, ` : "";
  return `Digit ${position + 1} of ${n_digits}: ${digit.label}, ${sure}${percent(digit.confidence)}`;
}
