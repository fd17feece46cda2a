"""The bench: what our parts cost, as ratios against a named anchor measured in the same run."""
