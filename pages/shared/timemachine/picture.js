// A panel as a picture to keep: an SVG file with its colours, its title, and the step's values in it.
import { valueText } from "./labels.js";
import { node, px } from "./svg.js";

// Style rules do not travel into a file: what they said is written into each element.
const STYLES = [
  "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "opacity", "display", "font-family", "font-size", "font-weight",
];
const HEADER = 52;

export function pictureOf(sheet, canvas, title, caption, paper) {
  const width = sheet.clientWidth;
  const height = sheet.clientHeight + HEADER;
  const copy = sheet.cloneNode(true);
  writeStyles(sheet, copy);
  const words = getComputedStyle(sheet);
  const picture = node("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  picture.style.fontFamily = words.fontFamily;
  node("rect", { width, height, fill: paper }, picture);
  const fill = words.color;
  node("text", { x: 8, y: 22, fill, "font-size": 15, "font-weight": 600 }, picture).textContent = title;
  node("text", { x: 8, y: 41, fill, "font-size": 12 }, picture).textContent = caption;
  if (canvas && !canvas.hidden) {
    node("image", {
      href: canvas.toDataURL(), x: px(canvas.offsetLeft), y: px(canvas.offsetTop + HEADER),
      width: px(canvas.offsetWidth), height: px(canvas.offsetHeight), preserveAspectRatio: "none",
    }, picture);
  }
  const body = node("g", { transform: `translate(0 ${HEADER})` }, picture);
  body.append(...copy.childNodes);
  return new XMLSerializer().serializeToString(picture);
}

function writeStyles(from, to) {
  const styles = getComputedStyle(from);
  for (const name of STYLES) to.style.setProperty(name, styles.getPropertyValue(name));
  for (let i = 0; i < from.children.length; i++) writeStyles(from.children[i], to.children[i]);
}

export function download(content, fileName) {
  const address = URL.createObjectURL(new Blob([content], { type: "image/svg+xml" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName;
  link.click();
  // The download reads the address after this call returns.
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

// A button at the panel's title that saves it; `shown()` gives the model and the index that are drawn.
export function addSave({ name, figure, sheet, canvas }, root, shown, signal) {
  const caption = figure.querySelector("figcaption");
  const title = caption.textContent.trim();
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "save", textContent: "image" });
  button.title = `Save “${title}” as an SVG image`;
  button.setAttribute("aria-label", button.title);
  caption.append(button);
  button.addEventListener("click", () => {
    const [model, index] = shown();
    const empty = !model || index < 0;
    const words = empty ? "" : valueText(model.runs[0], index);
    const paper = getComputedStyle(root).getPropertyValue("--st-background-color").trim();
    const fileName = `${name}-step-${empty ? "none" : model.runs[0].steps[index]}.svg`;
    download(pictureOf(sheet, canvas, title, words, paper), fileName);
  }, { signal });
}
