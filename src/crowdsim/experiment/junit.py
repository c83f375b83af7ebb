"""The results of a check as `junit.xml`, which CI services show: a test case for each criterion."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from crowdsim.assess import FAIL, PASS
from crowdsim.experiment.told import tell_criterion

SUITE = "crowdsim check"


def junit_xml(document: dict[str, Any]) -> str:
    """Return the text of `junit.xml` of a `check.json`.

    A criterion that failed is a failure; so is one that could not be decided, as it must not go through. One left open
    because another had failed already is skipped. A replication that did not run is an error.
    """
    suite = ET.Element("testsuite", name=f"{SUITE} {document['scenario']}")
    ended_by_another = document["verdict"] == FAIL
    for row in document["criteria"]:
        case = _case(suite, document, row["id"])
        message = tell_criterion(row)
        if row["verdict"] == PASS:
            ET.SubElement(case, "system-out").text = message
        elif row["verdict"] == FAIL or row["settled"] or not ended_by_another:
            why = "" if row["settled"] or row["verdict"] == FAIL else f" ({document['status']})"
            failure = ET.SubElement(case, "failure", type=row["verdict"], message=message + why)
            failure.text = f"{row['text']}\n{message}{why}\nSource: {row['source']}"
        else:
            ET.SubElement(case, "skipped", message=f"left open: another criterion had failed; {message}")
    for failed in document["failed"]:
        case = _case(suite, document, f"seed {failed['seed']}")
        ET.SubElement(case, "error", type="simulation", message=failed["error"]).text = failed["error"]
    if not document["criteria"]:
        case = _case(suite, document, "criteria")
        ET.SubElement(case, "failure", type="undecided", message="no criterion was judged")
    counts = {
        key: str(len(suite.findall(f"testcase/{tag}")))
        for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    }
    tests = {"tests": str(len(suite.findall("testcase")))}
    time = {"time": f"{document['performance']['wall_s']:.3f}"}
    for key, value in (tests | counts | time).items():
        suite.set(key, value)
    suites = ET.Element("testsuites", {"name": SUITE} | tests | counts | time)
    del suites.attrib["skipped"]  # not in the common schema
    suites.append(suite)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, document: dict[str, Any], name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=f"{document['scenario']}.criteria", name=name, time="0")
