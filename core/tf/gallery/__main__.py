"""`make cards`: runs every card, and records with which versions it did what it says.

Of a card that did something else the record has nothing; it is printed, and the exit code is 1.
"""

import json
import sys

from core.gallery.cards import LAST_RUN, Card, cards, digest
from core.tf.gallery import run, versions


def holds(card: Card) -> bool:
    """Whether the failure is the declared one, and both actions show what the card declares."""
    failed, fixed = run(card.slug, "fail"), run(card.slug, "fix")
    return (
        failed.error == card.error
        and card.message in failed.text
        and tuple(failed.seen) == card.shows["fail"]
        and tuple(fixed.seen) == card.shows["fix"]
    )


def main() -> int:
    held = {card.slug: holds(card) for card in cards()}
    record = {
        card.slug: {"code": digest(card.script), "versions": versions()}
        for card in cards()
        if held[card.slug]
    }
    LAST_RUN.write_text(json.dumps(record, indent=0) + "\n", encoding="utf-8")
    for slug in (slug for slug, holding in held.items() if not holding):
        print(f"{slug} did something else than its card says.")
    return 0 if all(held.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
