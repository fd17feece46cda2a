"""How to speak to each kind of downstream application."""
