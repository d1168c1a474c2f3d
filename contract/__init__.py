"""What stacks, functions, clean-up and commands must agree on. Standard library only."""
