# Placeholder until the public API exists.
