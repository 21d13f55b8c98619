/** Pictures that are dropped, pasted, chosen or photographed. */

/** What is sent as it is; anything else that the browser can open is sent as a PNG or a JPEG. */
const AS_IS = new Set(["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff"]);
const MOST_BYTES = 4_000_000;
const LONGEST = 2400;

/** Return {bitmap, blob}: what to show, null where the browser cannot, and what to send. */
export async function openPicture(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return { bitmap: null, blob: file };
  }
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  if (scale === 1 && file.size <= MOST_BYTES && AS_IS.has(file.type)) return { bitmap, blob: file };
  return redraw(bitmap, scale, file.type);
}

async function redraw(bitmap, scale, type) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const kind = type === "image/jpeg" || scale < 1 ? "image/jpeg" : "image/png";
  const blob = await new Promise((done) => canvas.toBlob(done, kind, 0.92));
  return { bitmap: canvas, blob };
}

/** Hand over each picture that is dropped on the page, pasted, or chosen in one of the inputs. */
export function listenToPictures(pad, inputs, take) {
  const light = (isOver) => pad.toggleAttribute("data-over", isOver);
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    light(true);
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || light(false));
  document.addEventListener("drop", (event) => {
    light(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (!event.target.matches?.("input")) take(event.clipboardData.files);
  });
  for (const input of inputs) {
    input.addEventListener("change", () => {
      if (input.files.length) take(input.files);
      input.value = "";
    });
  }
}
