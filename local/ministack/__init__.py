"""Every touch of ministack's internals: hooks, and repairs where it differs from AWS."""
