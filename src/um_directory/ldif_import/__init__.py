"""LDIF (RFC 2849) in: a streaming reader, the import through the guard's door, and its report."""
