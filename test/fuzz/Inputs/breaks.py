"""A compiler that accepts every program and compiles none."""
import sys

sys.exit(0 if "check" in sys.argv else 70)
