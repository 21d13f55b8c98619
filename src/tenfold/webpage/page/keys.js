/** A pen that is moved by keys. */

/** Steps across the pad's shorter side; with Shift four times as many. */
const STEPS = 24;
const FINER = 4;

const WAYS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  Home: [-1, -1], PageUp: [1, -1], End: [-1, 1], PageDown: [1, 1],
};

/**
 * Tell the hand of strokes made by keys, as a pen does.
 *
 * show(cursor) is told where the pen is, {x, y, isDown}, or null where it is put away; say(words) what to
 * speak; undo() and clear() are asked for by keys, too.
 */
export function listenToKeys(canvas, hand, { show, say, undo, clear }) {
  const held = new Set();
  let cursor = null;

  const lift = () => {
    if (!cursor?.isDown) return;
    cursor.isDown = false;
    hand.finish();
  };
  const toggle = () => {
    if (cursor.isDown) {
      lift();
      say("Pen up.");
    } else if (hand.begin({ ...cursor, force: 1 })) {
      cursor.isDown = true;
      say(`Pen down, ${placeOf(cursor, canvas)}.`);
    }
  };
  const move = (isFine) => {
    cursor = moved(cursor, held, canvas, isFine);
    if (cursor.isDown) hand.extend([{ x: cursor.x, y: cursor.y, force: 1 }]);
  };
  const act = ({ key, shiftKey }) => {
    cursor ??= { x: canvas.clientWidth / 2, y: canvas.clientHeight / 4, isDown: false };
    if (key in WAYS) move(shiftKey);
    else if (key === " ") toggle();
    else if (key === "Escape" || key === "Enter") lift();
    else if (key === "Backspace") lift(), undo();
    else if (key === "Delete") lift(), clear();
    else return false;
    return true;
  };

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in WAYS) held.add(event.key);
    if (event.key === " " && event.repeat) return event.preventDefault();
    if (!act(event)) return;
    event.preventDefault();
    show(cursor);
  });
  canvas.addEventListener("keyup", ({ key }) => held.delete(key));
  const putAway = () => {
    held.clear();
    lift();
    show(null);
  };
  canvas.addEventListener("blur", putAway);
  canvas.addEventListener("pointerdown", putAway);
}

function moved(cursor, held, canvas, isFine) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const step = Math.min(width, height) / STEPS / (isFine ? FINER : 1);
  const ways = [...held].map((key) => WAYS[key]);
  const along = (axis) => Math.sign(ways.reduce((sum, way) => sum + way[axis], 0)) * step;
  const keep = (value, most) => Math.min(Math.max(value, 0), most);
  return { ...cursor, x: keep(cursor.x + along(0), width), y: keep(cursor.y + along(1), height) };
}

function placeOf({ x, y }, canvas) {
  const across = Math.round((100 * x) / canvas.clientWidth);
  const down = Math.round((100 * y) / canvas.clientHeight);
  return `${across} percent from the left, ${down} percent from the top`;
}
