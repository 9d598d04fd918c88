"""The error gallery: its cards, and how a pasted message finds one."""
