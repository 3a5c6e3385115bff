"""JUnit XML, as CI servers read it: a suite is a testsuite, a case a testcase, a miss a failure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from evals.reports.report import Report

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> bytes:
    """The report as one document."""
    root = Element("testsuites", name="casegate eval")
    for suite in report.suites:
        strict = [one for one in suite.results if one.strict]
        tests = len(strict) + (len(suite.results) > len(strict))
        failures = len(suite.missed) + bool(suite.below)
        node = SubElement(root, "testsuite", name=suite.suite, tests=str(tests), failures=str(failures))
        for one in strict:
            case = SubElement(node, "testcase", classname=suite.suite, name=one.case, time=f"{one.seconds:.3f}")
            if not one.all_passed:
                _failure(case, one.misses)
        if len(suite.results) > len(strict):  # the entries of lists are one test: their rates
            case = SubElement(node, "testcase", classname=suite.suite, name="rates")
            if suite.below:
                _failure(case, suite.below)
    body: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body


def _failure(case: Element, lines: Sequence[str]) -> None:
    told = [_NOT_XML.sub("�", line) for line in lines]
    failure = SubElement(case, "failure", message=told[0] if told else "")
    failure.text = "\n".join(told)
