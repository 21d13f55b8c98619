/** tenfold in a browser: reads handwritten digits, and says when it does not know. */

/**
 * Open a model: the one that this module brings along, or the bytes of another .onnx file that tenfold wrote.
 */
export function load(model?: ArrayBuffer | ArrayBufferView): Promise<Reader>;

/** A model that reads. `load` makes one. */
export class Reader {
  private constructor();

  /** Of the model. */
  readonly name: string;

  /** What the model says of itself. */
  readonly card: Card;

  /** Of the model file; null where the browser computes none: on pages from other hosts without TLS. */
  readonly sha256: string | null;

  /** The confidence of a digit below which it is unsure. */
  readonly least: number;

  /**
   * Say what digit images show: n of them one after the other, 784 bytes each, 0 paper … 255 ink, the ink in
   * 20×20 pixels with its center of mass in the middle.
   */
  predict(images: Uint8Array): Prediction[];

  /** Return 11 probabilities for each digit image: of 0 to 9, and of "not a digit". */
  predictProba(images: Uint8Array): Float32Array;

  /** Return what the network's last hidden layer makes of each digit image. */
  embed(images: Uint8Array): Float32Array;

  /** Read the numbers in a picture of at most 16 million pixels. */
  read(source: Picture): Promise<Reading>;
}

export type Picture =
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | ImageData
  | HTMLImageElement
  | Blob;

/** Why a label may be wrong, or is not given. */
export type Reason = "blank" | "not a digit" | "unsure";

export interface Prediction {
  /** 0–9, null where none is given. */
  label: number | null;
  /** The probability that the label is right. */
  confidence: number;
  reason: Reason | null;
  /** Of 0 to 9, and of "not a digit". */
  probabilities: number[];
}

/** [x, y, width, height], in pixels of the upright picture. */
export type Box = [number, number, number, number];

/** What `POST /v1/read?images=true` of the service answers. */
export interface Reading {
  /** The numbers of a line with a space between them, each line on a line of its own. */
  text: string;
  confidence: number;
  reason: string | null;
  /** What is unusual about the picture. */
  diagnosis: string[];
  numbers: ReadNumber[];
  /** Of a picture without digits: the digit image that was made of it, 784 bytes as base64. */
  image?: string;
  probabilities?: number[];
  /** The sha256 of the model. */
  model: string | null;
}

export interface ReadNumber {
  text: string;
  confidence: number;
  box: Box;
  /** Which line of the picture it stands in, from 0. */
  line: number;
  reason: Reason | null;
  /** What it may be, the most probable first. */
  candidates: { text: string; probability: number }[];
  digits: Digit[];
}

export interface Digit {
  label: number;
  confidence: number;
  box: Box;
  probabilities: number[];
  reason: Reason | null;
  /** The digit image that it was read from, 784 bytes as base64. */
  image?: string;
}

/** JSON; the fields are those of `tenfold.model_file.Card`. */
export interface Card {
  format: number;
  recipe: Record<string, unknown>;
  data: Record<string, unknown>;
  seed: number;
  metrics: Record<string, unknown>;
  thresholds: Record<string, number>;
  license: string;
  tenfold_version: string;
  command: string;
  sha256: string;
}

/** An argument is not what it must be. */
export class InputError extends Error {}

/** Bytes are not a model that this runtime runs. */
export class ModelFileError extends Error {}

/** Something is no picture, or too large a one. */
export class PictureError extends Error {}
