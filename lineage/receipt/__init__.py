"""The receipt: the signed end of a run, verified by somebody who has nothing but the file and keys that he trusts."""
