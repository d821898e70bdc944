"""A real Asterisk with real telephones on this machine, from Debian packages and without root.

`make run PBX=asterisk` shows it, tests/real proves our transfers on it.
"""
