/** The model that an exported file brings along. `tenfold export` writes a module of this name into the file. */

/** @type {{name: string, sha256: string, base64: string} | null} Its bytes may be gzipped. */
export const EMBEDDED = null;
