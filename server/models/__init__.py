"""What the API takes and gives, one file per subject. The web's typed client is generated from these."""
