// The playing speeds, in checkpoints a second.

const SPEEDS = [2, 5, 10, 20, 50, 100, 500];
const USUAL = 10;

// Fills a <select> with them.
export function offerSpeeds(select) {
  select.replaceChildren(...SPEEDS.map((speed) => new Option(speed, speed, speed === USUAL, speed === USUAL)));
}
