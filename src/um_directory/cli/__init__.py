"""The command `um`: one module a command."""
