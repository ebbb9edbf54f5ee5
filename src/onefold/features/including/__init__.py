"""``include: standard`` in a features file: ready definitions of a library, as far as a workspace has their inputs."""
