"""The steps between a table and RecordIO: read, split, fit, encode, write."""
