"""Course templates and services as data: the YAML files here, and how they are read."""
