"""Made-up enterprises in any number: valid numbers, Belgian names, realistic sizes, roles within the rules.

The same (accounts, seed) gives the same records on every Python version. Everything is invented; a likeness
to an existing person or enterprise is chance.
"""

from um_directory.generate.ldif_text import to_ldif
from um_directory.generate.stream import MOST_ACCOUNTS, generate

__all__ = ["MOST_ACCOUNTS", "generate", "to_ldif"]
