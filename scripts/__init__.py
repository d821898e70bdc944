"""What the verbs of the Makefile do."""
