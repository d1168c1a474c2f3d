"""What exists in the account: one construct, one file, one capability."""
