"""Tables of attacks: a family is a function from the world to its attempts."""
