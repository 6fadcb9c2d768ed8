"""Damage, as strategies of hypothesis: each takes good bytes and yields bad ones of the same kind.

`octets` knows nothing of the format; the others take it apart, damage a part, and put it together again with lengths
and checksums made right, so that the damage gets past them.
"""
