"""Names and values that a text sets apart by blanks alone."""

from __future__ import annotations

from agents.aligned_lines import aligned
from tools.readers import line_spans, read


def _pairs(text: str) -> list[tuple[str, str]]:
    return list(aligned(line_spans(read(text.encode(), "a.txt"))).values())


def test_values_under_each_other_belong_to_the_names_before_them() -> None:
    text = "SCOPE REPORT\ncluster type    dedicated\nregion          fr-par\nverified at     2026-11-24T09:10:00Z\n"
    assert _pairs(text) == [
        ("cluster type", "dedicated"),
        ("region", "fr-par"),
        ("verified at", "2026-11-24T09:10:00Z"),
    ]


def test_a_remark_in_brackets_belongs_to_its_value() -> None:
    text = "cluster         osl-d-14\ntenants on it   1   (dedicated)\nregion          EEA (Oslo)\n"
    assert _pairs(text)[1] == ("tenants on it", "1   (dedicated)")


def test_behind_a_tab_a_value_begins_anywhere() -> None:
    assert _pairs("Region\tfr-par\nCluster type\tdedicated\nTenant\ttn-a\n") == [
        ("Region", "fr-par"),
        ("Cluster type", "dedicated"),
        ("Tenant", "tn-a"),
    ]


def test_two_such_lines_rows_of_more_columns_and_prose_are_none() -> None:
    assert _pairs("region  fr-par\ntenant  tn-a\n") == []
    assert _pairs("region  logging    upload\nfr-par  yes        yes\nde-fra  yes        yes\n") == []
    assert _pairs("One sentence ends.  Another begins\nand goes on.\nA third  one\n") == []
