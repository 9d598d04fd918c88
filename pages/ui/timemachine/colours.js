// Colours of the cost surface, from low cost to high: one calm ramp for each theme, ordered by
// lightness, so that it reads the same with any kind of colour vision. The palette gives its stops.

export function shadesOf(element) {
  const styles = getComputedStyle(element);
  return [0, 1, 2, 3, 4, 5].map((stop) => styles.getPropertyValue(`--surface-${stop}`).trim());
}

export const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

// `share` runs from 0 (lowest cost) to 1.
export function ramp(share, stops) {
  const place = Math.max(0, Math.min(1, share)) * (stops.length - 1);
  const below = Math.min(stops.length - 2, Math.floor(place));
  const from = channels(stops[below]);
  const to = channels(stops[below + 1]);
  return from.map((value, i) => Math.round(value + (to[i] - value) * (place - below)));
}

// Is a CSS colour, as computed by the browser ("rgb(14, 17, 23)" or "#0e1117"), a dark one?
export function isDark(colour) {
  const rgb = colour.startsWith("#")
    ? channels(colour.length === 4 ? colour.replace(/[^#]/g, "$&$&") : colour)
    : (colour.match(/[\d.]+/g) || [255, 255, 255]).map(Number);
  return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2] < 128;
}
