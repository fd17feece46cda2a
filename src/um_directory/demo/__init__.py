"""`make demo`: the whole service at work, step by step, each step checked."""
