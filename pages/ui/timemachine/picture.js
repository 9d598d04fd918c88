// A panel as a picture to keep: an SVG file with its colours, its title, and the step's values in it.
import { runText, valueText } from "./labels.js";
import { node, px } from "./svg.js";

// Style rules do not travel into a file: what they said is written into each element.
const STYLES = [
  "fill", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "opacity", "display", "font-family", "font-size", "font-weight",
];
const HEADER = 52;
const ROW = 18;

// `rows` are [words, colour]: which run has which colour.
export function pictureOf(sheet, canvas, { title, caption, paper, rows, scale }) {
  const width = sheet.clientWidth;
  const top = HEADER + rows.length * ROW;
  const height = sheet.clientHeight + top;
  const copy = sheet.cloneNode(true);
  writeStyles(sheet, copy);
  const words = getComputedStyle(sheet);
  const picture = node("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  picture.style.fontFamily = words.fontFamily;
  node("rect", { width, height, fill: paper }, picture);
  const fill = words.color;
  node("text", { x: 8, y: 22, fill, "font-size": 15, "font-weight": 600 }, picture).textContent = title;
  node("text", { x: 8, y: 41, fill, "font-size": 12 }, picture).textContent = caption;
  rows.forEach(([words, colour], r) => {
    node("circle", { cx: 14, cy: HEADER + r * ROW + 4, r: 5, fill: colour }, picture);
    node("text", { x: 26, y: HEADER + r * ROW + 8, fill, "font-size": 12 }, picture).textContent = words;
  });
  if (canvas && !canvas.hidden) {
    node("image", {
      href: canvas.toDataURL(), x: px(canvas.offsetLeft), y: px(canvas.offsetTop + top),
      width: px(canvas.offsetWidth), height: px(canvas.offsetHeight), preserveAspectRatio: "none",
    }, picture);
  }
  const body = node("g", { transform: `translate(0 ${top}) scale(${scale})` }, picture);
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

// A button at the panel's title that saves it; `shown()` gives { model, at, scale }, null while there is nothing.
export function addSave({ name, figure, sheet, canvas }, root, shown, signal) {
  const heading = figure.querySelector("figcaption");
  const named = heading.querySelector("span");
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "save", textContent: "Save as SVG" });
  button.title = `Save as SVG: ${named.textContent}`;
  button.setAttribute("aria-label", button.title);
  heading.append(button);
  button.addEventListener("click", () => {
    const styles = getComputedStyle(root);
    const paper = styles.getPropertyValue("--st-background-color").trim();
    const { model = { runs: [] }, at, scale = 1 } = shown() || {};
    const colourOf = ({ colour }) => styles.getPropertyValue(colour === null ? "--fit" : `--run-${colour}`).trim();
    const rows = model.runs.length > 1 ? model.runs.map((run) => [runText(run), colourOf(run)]) : [];
    const caption = at ? valueText(model.runs[0], at[0], model) : "";
    const title = named.textContent.trim();
    const place = at ? `${model.runs[0].unit}-${model.runs[0].iterations[at[0]]}` : "empty";
    download(pictureOf(sheet, canvas, { title, caption, paper, rows, scale }), `${name}-${place}.svg`);
  }, { signal });
}
