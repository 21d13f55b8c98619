/** The model that an exported file brings along: `tenfold export` puts another module in place of this. */

/** @type {{name: string, sha256: string, base64: string} | null} Its bytes may be gzipped. */
export const EMBEDDED = null;
