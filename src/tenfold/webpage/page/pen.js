/** Mouse, finger and pen on the pad. */

/** Distance of points, in pixels, below which a hand trembles. */
const NEAR = 1.5;

/** Width of a stroke at no pressure and at full, of the usual; a mouse has no pressure. */
const LIGHT = 0.6;
const HEAVY = 1.3;

/**
 * Tell the hand of each stroke: begin(point), extend(points), finish(), cancel().
 * One pointer draws at a time; a palm or a second finger does nothing.
 */
export function listenToPen(canvas, hand) {
  let active = null;
  let last = null;
  const isOther = (event) => event.pointerId !== active;

  canvas.addEventListener("pointerdown", (event) => {
    if (active !== null || event.button !== 0) return;
    last = pointOf(event, canvas);
    if (!hand.begin(last)) return;
    active = event.pointerId;
    canvas.setPointerCapture(active);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (isOther(event)) return;
    const points = [];
    for (const one of coalesced(event)) {
      const point = pointOf(one, canvas);
      if (Math.hypot(point.x - last.x, point.y - last.y) < NEAR) continue;
      points.push(point);
      last = point;
    }
    if (points.length) hand.extend(points);
  });
  const end = (how) => (event) => {
    if (isOther(event)) return;
    active = null;
    hand[how]();
  };
  canvas.addEventListener("pointerup", end("finish"));
  canvas.addEventListener("pointercancel", end("cancel"));
}

function coalesced(event) {
  const events = event.getCoalescedEvents?.() ?? [];
  return events.length ? events : [event];
}

function pointOf(event, canvas) {
  const { left, top } = canvas.getBoundingClientRect();
  const force = event.pointerType === "pen" && event.pressure > 0 ? LIGHT + (HEAVY - LIGHT) * event.pressure : 1;
  return { x: event.clientX - left, y: event.clientY - top, force };
}
