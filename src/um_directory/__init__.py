"""A directory in which enterprises manage their own people's access to secured applications."""
