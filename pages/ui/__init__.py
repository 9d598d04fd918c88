"""What the pages share: session state, the run they look at, and the time machine."""
