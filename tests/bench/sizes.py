"""How much is measured. Each can be set in the environment; smaller ones only show that the bench works."""

from __future__ import annotations

import os

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
"""Each figure is the median of so many rounds, in which ours and the anchor take turns."""

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "20000"))
"""Accounts of made-up enterprises in the directories that are written to, read and asked about."""

WRITES = int(os.environ.get("BENCH_WRITES", "2000"))
"""Additions a round into a durable database, by all clients together; three times as many where it is not durable."""

QUESTIONS = int(os.environ.get("BENCH_QUESTIONS", "6000"))
"""Questions a round put to the guard's socket, and to each of the anchors."""

READS = int(os.environ.get("BENCH_READS", "20000"))
"""Searches a round, and half as many binds."""

MEMBERSHIPS = int(os.environ.get("BENCH_MEMBERSHIPS", "1000000"))
"""Role memberships in the view whose memory is measured."""

MEMORY_SECONDS = float(os.environ.get("BENCH_MEMORY_SECONDS", "120"))
"""Filling that view ends after so long; what it holds by then is scaled up, and the table says so."""

LOADED_ACCOUNTS = int(os.environ.get("BENCH_LOADED_ACCOUNTS", "60000"))
"""Accounts in the directory from which a whole view is loaded."""

SEED = 7
