"""Tables in files, whatever their format, as Arrow record batches of the same few types."""
