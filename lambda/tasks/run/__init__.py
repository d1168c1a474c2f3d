"""One run: what it is asked, where its files are, what its training job did."""
