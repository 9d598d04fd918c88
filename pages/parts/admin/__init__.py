"""Parts of the page Admin."""
