/** What is raised on purpose. Messages say what must hold, what was found, and what to do. */

/** An argument is not what it must be. */
export class InputError extends Error {
  name = "InputError";
}

/** Bytes are not a model that this runtime runs. */
export class ModelFileError extends Error {
  name = "ModelFileError";
}

/** Something is no picture, or too large a one. */
export class PictureError extends Error {
  name = "PictureError";
}
