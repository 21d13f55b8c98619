/** What was drawn before, in this page's memory only. */

import { find, make } from "./build.js";
import { paint } from "./sheet.js";

const MOST = 24;
const entries = [];

/** Put a sheet and its answer away; open(sheet) is called where it is wanted again. */
export function putAway(sheet, answer, open) {
  if (entries.some((entry) => entry.sheet === sheet)) return;
  entries.unshift({ sheet, item: makeItem(sheet, answer, open) });
  entries.splice(MOST);
  find("past").hidden = false;
  find("past").querySelector("ol").replaceChildren(...entries.map(({ item }) => item));
}

/** Draw the thumbnails anew, in the colors of now. */
export function repaint() {
  for (const { sheet, item } of entries) paintThumbnail(item.querySelector("canvas"), sheet);
}

function makeItem(sheet, answer, open) {
  const thumbnail = make("canvas", { ariaHidden: "true" });
  const words = answer?.text || (answer?.reason ?? "not read");
  const button = make("button", { type: "button", title: "Put it back on the pad" },
    thumbnail, make("span", { className: answer?.text ? "" : "faint" }, words));
  button.addEventListener("click", () => open(sheet));
  const item = make("li", {}, button);
  requestAnimationFrame(() => paintThumbnail(thumbnail, sheet));
  return item;
}

function paintThumbnail(canvas, sheet) {
  const scale = (160 * devicePixelRatio) / Math.max(sheet.width, sheet.height) / 2;
  canvas.width = sheet.width * scale;
  canvas.height = sheet.height * scale;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  paint(context, sheet, getComputedStyle(canvas).color);
}
