"""The routes, one file per subject. Every route declares its action, and passes `access` before anything else."""
