"""The facade and composition root: opens a workspace, wires the adapters, and delegates."""
