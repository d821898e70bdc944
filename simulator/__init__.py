"""A telephone exchange and the faces of the PBXs it can wear. Imports nothing of the product."""
