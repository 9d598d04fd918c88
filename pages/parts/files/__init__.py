"""How the page Files shows what a run's files hold: one module a view."""
