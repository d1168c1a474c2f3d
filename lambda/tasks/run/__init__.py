"""One run: its input, payloads, files and training job, and the errors that end it."""
