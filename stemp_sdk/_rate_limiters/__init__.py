"""Rate limiters that clients share: in memory, in an SQLite file, and in Redis."""
