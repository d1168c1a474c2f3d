"""The hosting half of the container: /ping and /invocations over HTTP."""
