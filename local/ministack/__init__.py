"""All that depends on the internals of ministack: hooks, and corrections towards AWS."""
