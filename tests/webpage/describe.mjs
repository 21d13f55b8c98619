/** Writes what the runtime knows: its operators with their attributes, its table of messages, its limits. */

import { MESSAGES } from "../../src/tenfold/webpage/js/schema.js";
import { OPERATORS } from "../../src/tenfold/webpage/js/operators.js";

const operators = Object.fromEntries(
  Object.entries(OPERATORS).map(([name, { attributes = {} }]) => [name, Object.keys(attributes)]));
process.stdout.write(JSON.stringify({ operators, messages: MESSAGES }));
