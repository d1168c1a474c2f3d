"""Tables in files, as Arrow record batches: CSV, JSON Lines and Parquet."""
