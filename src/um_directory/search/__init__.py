"""Finding people by the criteria of the manual (S, §4.1.4 and §5.1), as far as the reader's own scope goes."""
