import hashlib
from dataclasses import replace

import pytest

from lineage.canonical import CanonicalError
from lineage.commitment import Opening, check, commit


def test_commitment_is_sha256_over_salt_and_canonical_value():
    opening = commit({"b": 1, "a": "x"})
    assert opening.value == b'{"a":"x","b":1}'
    data = bytes.fromhex(opening.salt) + opening.value
    assert opening.commitment == "sha256:" + hashlib.sha256(data).hexdigest()
    assert check(opening) == "shown"


def test_equal_values_have_different_commitments():
    assert commit("yes").commitment != commit("yes").commitment


def test_null_is_a_value_and_not_an_erased_one():
    assert check(commit(None)) == "shown"


def test_erased_is_not_wrong_and_keeps_no_salt():
    opening = commit("a name").erased()
    assert check(opening) == "erased"
    assert opening.salt is None


def test_a_salt_without_value_is_wrong():
    assert check(replace(commit("a name"), value=None)) == "invalid"
    assert check(replace(commit("a name"), salt=None)) == "invalid"


@pytest.mark.parametrize("other", ["AB" * 16, " " + "ab" * 16, "ab" * 15, "ab" * 17, "", "zz" * 16])
def test_a_salt_has_one_length_and_one_spelling(other):
    def opening(salt: str) -> Opening:
        raw = bytes.fromhex(salt) if salt[:2] != "zz" else b""
        return Opening(salt, b'"x"', "sha256:" + hashlib.sha256(raw + b'"x"').hexdigest())

    assert check(opening("ab" * 16)) == "shown"
    assert check(opening(other)) == "invalid"


def test_another_value_is_wrong():
    assert check(replace(commit(75), value=b"57")) == "invalid"


def test_what_has_no_canonical_form_cannot_be_committed_to():
    with pytest.raises(CanonicalError):
        commit(1.5)  # type: ignore[arg-type]
