"""When comparisons run: at start, on a schedule, and at once when the directory changes."""
