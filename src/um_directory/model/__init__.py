"""Pure value types of the domain: no I/O, no third-party LDAP code."""
