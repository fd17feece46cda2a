"""What each downstream application should know, what it acknowledged, and the way from one to the other."""
