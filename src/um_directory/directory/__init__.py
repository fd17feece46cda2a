"""Everything that speaks LDAP or runs slapd. No other package but `connectors.ldap` may import ldap3."""
