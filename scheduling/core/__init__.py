"""The domain core: plain values in, decisions out. Standard library only, no clock, no database."""
