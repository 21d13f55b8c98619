/** Elements of the page. */

/** Return the element with an id. */
export const find = (id) => document.getElementById(id);

/** Make an element with properties, data, and children. */
export function make(name, { data = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
}

/** Make an element of SVG with attributes. */
export function makeShape(name, attributes, ...children) {
  const shape = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
  shape.append(...children);
  return shape;
}
