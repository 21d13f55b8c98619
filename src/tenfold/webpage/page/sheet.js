/**
 * What is on the pad. A sheet is replaced, never changed: {strokes, picture, width, height}, where a stroke
 * is a list of points {x, y, force} in pixels of a pad of that width and height.
 */

/** Width of the pen, of the pad's shorter side. */
const PEN = 0.055;

/** Longer side of the picture that a drawing is sent as, in pixels: more would take longer and read no better. */
const LONGEST = 320;

/** Paper around the ink of that picture, of the ink's shorter side and of the pen. */
const MARGIN = 0.35;
const MARGIN_PENS = 2;

export function makeSheet(width, height, { strokes = [], picture = null } = {}) {
  return { strokes, picture, width, height };
}

export function isBlank(sheet) {
  return !sheet.strokes.length && !sheet.picture;
}

/** Return the sheet for a pad of another size, with its drawing as large as fits, undistorted. */
export function fit(sheet, width, height) {
  if (sheet.width === width && sheet.height === height) return sheet;
  const scale = Math.min(width / sheet.width, height / sheet.height);
  const left = (width - sheet.width * scale) / 2;
  const top = (height - sheet.height * scale) / 2;
  const move = ({ x, y, force }) => ({ x: left + x * scale, y: top + y * scale, force });
  return { ...sheet, width, height, strokes: sheet.strokes.map((stroke) => stroke.map(move)) };
}

/** Draw the sheet in that color. */
export function paint(context, sheet, color) {
  if (sheet.picture?.bitmap) {
    const { left, top, scale } = placeOf(sheet);
    const { bitmap } = sheet.picture;
    context.drawImage(bitmap, left, top, bitmap.width * scale, bitmap.height * scale);
  }
  Object.assign(context, { lineCap: "round", lineJoin: "round", strokeStyle: color });
  for (const stroke of sheet.strokes) paintStroke(context, stroke, penOf(sheet));
}

/**
 * Return what to send, and where it lies on the pad: a point of the picture is at left + x · scale.
 * Of a drawing that is its ink, black on white, with paper around.
 */
export async function toPicture(sheet) {
  if (sheet.picture) return { blob: sheet.picture.blob, ...placeOf(sheet) };
  const { left, top, width, height } = inkOf(sheet);
  const scale = Math.max(1, Math.max(width, height) / LONGEST);
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width / scale);
  canvas.height = Math.ceil(height / scale);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.setTransform(1 / scale, 0, 0, 1 / scale, -left / scale, -top / scale);
  paint(context, sheet, "#000");
  return { blob: await new Promise((done) => canvas.toBlob(done, "image/png")), left, top, scale };
}

/** Return the box around some strokes: {left, top, right, bottom}. */
export function boxOf(strokes) {
  const points = strokes.flat();
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

function inkOf(sheet) {
  const box = boxOf(sheet.strokes);
  const pen = penOf(sheet);
  const [width, height] = [box.right - box.left + pen, box.bottom - box.top + pen];
  const around = MARGIN * Math.min(width, height) + MARGIN_PENS * pen;
  return {
    left: box.left - pen / 2 - around,
    top: box.top - pen / 2 - around,
    width: width + 2 * around,
    height: height + 2 * around,
  };
}

function penOf(sheet) {
  return PEN * Math.min(sheet.width, sheet.height);
}

/** Return where the picture lies on the pad: as large as fits, in the middle. */
function placeOf({ picture, width, height }) {
  if (!picture.bitmap) return { left: 0, top: 0, scale: 0 };
  const scale = Math.min(width / picture.bitmap.width, height / picture.bitmap.height);
  return { left: (width - picture.bitmap.width * scale) / 2, top: (height - picture.bitmap.height * scale) / 2, scale };
}

/** Draw one stroke as curves through the middles between its points, which takes the corners off. */
function paintStroke(context, points, pen) {
  let from = points[0];
  if (points.length === 1) paintDot(context, from, pen);
  points.forEach((point, position) => {
    const next = points[position + 1];
    const to = next ? { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 } : point;
    context.lineWidth = pen * point.force;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.quadraticCurveTo(point.x, point.y, to.x, to.y);
    context.stroke();
    from = to;
  });
}

function paintDot(context, { x, y, force }, pen) {
  context.fillStyle = context.strokeStyle;
  context.beginPath();
  context.arc(x, y, (pen * force) / 2, 0, 2 * Math.PI);
  context.fill();
}
