/** What is drawn over the pad: a box around each digit, and the pen that keys move. */

import { makeShape } from "./build.js";

/** Height of a box's label, in pixels. */
const LABEL = 18;

/** Draw the boxes of digits; a point of the picture is at left + x · scale of the pad. */
export function showBoxes(overlay, digits, place, chosen) {
  overlay.querySelectorAll(".box").forEach((box) => box.remove());
  digits.forEach((digit, position) => overlay.prepend(makeBox(digit, place, position === chosen)));
}

/** Draw the pen at {x, y, isDown}; null draws none. */
export function showCursor(overlay, cursor) {
  overlay.querySelector(".cursor")?.remove();
  if (!cursor) return;
  const { x, y, isDown } = cursor;
  overlay.append(makeShape("g", { class: isDown ? "cursor down" : "cursor", transform: `translate(${x} ${y})` },
    makeShape("circle", { r: isDown ? 7 : 11 }), makeShape("path", { d: "M-18 0h8M10 0h8M0-18v8M0 10v8" })));
}

/** Return the position of the digit at a point of the pad, or -1. */
export function digitAt(digits, place, point) {
  return digits.findIndex((digit) => {
    const { x, y, width, height } = boxOnPad(digit, place);
    return point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height;
  });
}

/** Return the position of the digit whose box shares most with a box of the pad; the last one otherwise. */
export function digitUnder(digits, place, { left, top, right, bottom }) {
  const shared = digits.map((digit) => {
    const { x, y, width, height } = boxOnPad(digit, place);
    const across = Math.min(right, x + width) - Math.max(left, x);
    const down = Math.min(bottom, y + height) - Math.max(top, y);
    return Math.max(0, across) * Math.max(0, down);
  });
  const most = Math.max(0, ...shared);
  return most ? shared.indexOf(most) : Math.max(0, digits.length - 1);
}

function boxOnPad({ box: [x, y, width, height] }, { left, top, scale }) {
  return { x: left + x * scale, y: top + y * scale, width: width * scale, height: height * scale };
}

function makeBox(digit, place, isChosen) {
  const { x, y, width, height } = boxOnPad(digit, place);
  const kind = ["box", isChosen && "chosen", digit.reason && "unsure"].filter(Boolean).join(" ");
  const text = makeShape("text", { x: x + 2, y: y > LABEL ? y - 6 : y + height + LABEL });
  text.textContent = digit.reason ? `${digit.label}?` : digit.label;
  return makeShape("g", { class: kind }, makeShape("rect", { x, y, width, height, rx: 4 }), text);
}
