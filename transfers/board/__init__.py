"""The board: the only one who reads the PBXs, once per interval, for everybody who looks."""
