"""One thin file a page: words, widgets, guard, compute, draw. What they share is in `pages.ui`."""
