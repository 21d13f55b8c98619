/** Unpacks the script of an exported page, and runs it. The page's policy knows the checksums of both. */

import { decodeBase64 } from "./bytes.js";

const OLD = "This browser is too old for this page: it needs one of 2023 or later.";

async function unpack() {
  const packed = document.getElementById("packed");
  const bytes = await decodeBase64(packed.textContent);
  const script = document.createElement("script");
  Object.assign(script, { type: "module", textContent: new TextDecoder().decode(bytes) });
  packed.replaceWith(script);
}

function complain() {
  document.body.prepend(Object.assign(document.createElement("p"), { textContent: OLD }));
}

unpack().catch(complain);
