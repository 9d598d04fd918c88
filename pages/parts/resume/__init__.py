"""Parts of the page Resume."""
