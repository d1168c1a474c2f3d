"""The handlers: one module per state of the state machine, and the recommend function."""
