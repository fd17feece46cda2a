"""Reading who did what: slapd's audit log joined with the guard's own record."""
