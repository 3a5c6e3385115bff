import keyring
import pytest
from keyring.backends.null import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from runtime.errors import InputError
from runtime.secret_reference import look_up

SECRET = "a-secret-long-enough-" + "9f2c"


class Kept(NoKeyring):
    def get_password(self, service, username):
        if service == "locked":
            raise KeyringLocked(SECRET)
        return SECRET if (service, username) == ("casegate", "crm") else None


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    before = keyring.get_keyring()
    keyring.set_keyring(Kept())
    monkeypatch.setenv("CRM_TOKEN", SECRET)
    monkeypatch.setenv("SHORT", "short-one")
    yield
    keyring.set_keyring(before)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("hunter2hunter2hunter2", "env:NAME, file:path or keyring:service/user was expected"),
        ("env:crm_token", "env:NAME"),
        ("env:NOT_SET", "env:NOT_SET names nothing"),
        ("env:SHORT", "at least 16 characters were expected in env:SHORT"),
        ("file:none.key", "a readable file was expected"),
        ("keyring:casegate", "keyring:service/user was expected"),
        ("keyring:casegate/nobody", "keyring:casegate/nobody names nothing"),
        ("keyring:locked/crm", "a keyring that can be read was expected: KeyringLocked"),
    ],
)
def test_a_reference_that_leads_nowhere_names_file_place_and_expectation(tmp_path, reference, expected):
    with pytest.raises(InputError) as caught:
        look_up(reference, tmp_path, "connectors.yaml", "connectors.crm.secret")
    told = str(caught.value)
    assert expected in told
    assert "connectors.crm.secret" in told
    assert SECRET not in told
    assert caught.value.__cause__ is None or SECRET not in repr(caught.value.__cause__)


@pytest.mark.parametrize("reference", ["env:CRM_TOKEN", "file:crm.key", "keyring:casegate/crm"])
def test_each_kind_of_reference_gives_its_secret_and_does_not_show_it(tmp_path, reference):
    (tmp_path / "crm.key").write_text(f"{SECRET}\n", "utf-8")
    found = look_up(reference, tmp_path, "connectors.yaml", "connectors.crm.secret")
    assert found.get_secret_value() == SECRET
    assert SECRET not in repr(found)
