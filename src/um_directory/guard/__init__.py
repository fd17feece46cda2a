"""The guard: answers slapd, before every write, whether the rules allow it (docs/explanation/one-door.md)."""
