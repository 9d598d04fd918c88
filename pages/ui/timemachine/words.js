// What charts say, in the language of the page around them. English is written where it is said, and is the key
// of the page's own words; a page that has none speaks English.

const NUMBER = /^[−+-]?\d[\d.,-]*(e[+-]?\d+)?$/;

export class Words {
  // `table`: English to the page's own words, facts in braces; `digits`: its ten; `rtl`: read from right to left.
  constructor({ table = {}, digits = "", rtl = false } = {}) {
    Object.assign(this, { table, digits, rtl });
  }

  say(english, facts = {}) {
    const own = this.table[english];
    const text = (own || english).replace(/\{(\w+)\}/g, (_, name) => this.number(facts[name]));
    return own && this.rtl ? `\u2067${text}\u2069` : text; // in its own direction among what is left to right
  }

  // A number in the page's digits; what is none stays as it is.
  number(value) {
    const text = String(value);
    if (!this.digits || !NUMBER.test(text)) return text;
    const own = text.replace(/\d/g, (digit) => this.digits[digit]).replace(/\./g, "٫").replace(/,/g, "٬");
    return own.replace(/^[−-]/, "\u200e−").replace(/^\+/, "\u200e+"); // its sign stays on the left of it
  }

  // The words and names that are in a component's HTML.
  dress(root) {
    if (!Object.keys(this.table).length) return;
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode;
      const english = node.data.trim();
      if (english) node.data = node.data.replace(english, this.number(this.say(english)));
    }
    for (const name of ["title", "aria-label"]) {
      for (const each of root.querySelectorAll(`[${name}]`)) each.setAttribute(name, this.say(each.getAttribute(name)));
    }
  }
}

export const ENGLISH = new Words();
