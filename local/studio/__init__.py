"""JupyterLab apps of Studio as processes: homes, environment, start-up scripts, the server."""
