"""Logs of SARIF 2.1.0 that use every kind of index there is."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

GUID = "11111111-1111-4111-8111-111111111111"
TABLES = 3
"""Rows of every table in `run`."""


def log(*runs: Json) -> Json:
    """A log of some runs."""
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": list(runs)}


def run(results: list[Json] | None = None, name: str = "tool", category: str = "a/") -> Json:
    """A run whose tables have three rows each, and whose every index is used."""
    return {
        "tool": {
            "driver": component(name, "driver", associatedComponent={"index": 0, "name": "extension-0"})
            | {"supportedTaxonomies": [{"index": 1, "name": "taxonomy-1"}]},
            "extensions": [component(f"extension-{at}", f"extension-{at}") for at in range(TABLES)],
        },
        "automationDetails": {"id": category},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {
            "SRCROOT": {"uri": "file:///checkout/"},
            "DOCS": {"uri": "docs/", "uriBaseId": "SRCROOT"},
            "BUILD": {"description": {"text": "not said"}},
        },
        "invocations": [invocation(at) for at in range(TABLES)],
        "conversion": {
            "tool": {"driver": component("converter", "converter")},
            "invocation": {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"message": {"text": "m"}, "descriptor": {"index": 1, "id": "converter/notification-1"}}
                ],
            },
            "analysisToolLogFiles": [artifact_location(2)],
        },
        "versionControlProvenance": [{"repositoryUri": "https://example.com/a", "mappedTo": artifact_location(0)}],
        "artifacts": [
            {"location": {"uri": f"a/{at}.py", "uriBaseId": "SRCROOT", "index": at}} | parent(at)
            for at in range(TABLES)
        ],
        "logicalLocations": [{"fullyQualifiedName": f"module.f{at}"} | parent(at) for at in range(TABLES)],
        "addresses": [
            {"fullyQualifiedName": f"image+{at}", "absoluteAddress": at} | parent(at) for at in range(TABLES)
        ],
        "threadFlowLocations": [{"location": location(at), "module": f"module-{at}"} for at in range(TABLES)],
        "graphs": [graph(f"run-{at}") for at in range(TABLES)],
        "webRequests": [{"target": f"https://example.com/{at}", "method": "GET"} for at in range(TABLES)],
        "webResponses": [{"statusCode": 200 + at} for at in range(TABLES)],
        "taxonomies": [component(f"taxonomy-{at}", f"taxonomy-{at}") for at in range(TABLES)],
        "specialLocations": {"displayBase": artifact_location(1)},
        "results": [result(at) for at in range(TABLES)] if results is None else results,
    }


def parent(at: int) -> Json:
    """A row's parent: the row before it."""
    return {"parentIndex": at - 1} if at else {}


def component(name: str, prefix: str, **fields: Any) -> Json:
    """A tool component with rules, notifications and taxa."""
    rules = [{"id": f"{prefix}/rule-{at}", "guid": GUID, "relationships": [related(at)]} for at in range(TABLES)]
    return {
        "name": name,
        "guid": GUID,
        "rules": rules,
        "notifications": [{"id": f"{prefix}/notification-{at}"} for at in range(TABLES)],
        "taxa": [{"id": f"{prefix}/taxon-{at}"} for at in range(TABLES)],
        "locations": [artifact_location(1)],
    } | fields


def related(at: int) -> Json:
    """A rule's relationship to a taxon."""
    return {"target": taxon(at), "kinds": ["superset"]}


def taxon(at: int) -> Json:
    """A reference to a taxon of the taxonomy of the same number."""
    return {
        "id": f"taxonomy-{at}/taxon-{at}",
        "index": at,
        "toolComponent": {"index": at, "name": f"taxonomy-{at}"},
    }


def reference(at: int, sort: str = "rule") -> Json:
    """A reference to a rule or notification of the extension of the same number."""
    return {
        "id": f"extension-{at}/{sort}-{at}",
        "index": at,
        "toolComponent": {"index": at, "name": f"extension-{at}"},
    }


def artifact_location(at: int) -> Json:
    """An artifact by its index and its URI."""
    return {"uri": f"a/{at}.py", "uriBaseId": "SRCROOT", "index": at}


def physical(at: int) -> Json:
    """A region of an artifact, with its address."""
    return {
        "artifactLocation": artifact_location(at),
        "region": {"startLine": at + 1, "startColumn": 1, "endLine": at + 1, "endColumn": 5},
        "contextRegion": {"startLine": at + 1, "endLine": at + 3},
        "address": {"index": at, "fullyQualifiedName": f"image+{at}"} | parent(at),
    }


def location(at: int) -> Json:
    """A location of every kind at once."""
    return {
        "physicalLocation": physical(at),
        "logicalLocations": [{"index": at, "fullyQualifiedName": f"module.f{at}"} | parent(at)],
        "annotations": [{"startLine": 1}],
    }


def invocation(at: int) -> Json:
    """An invocation with notifications and overrides."""
    return {
        "executionSuccessful": True,
        "exitCode": at,
        "executableLocation": artifact_location(at),
        "stdout": artifact_location(at),
        "ruleConfigurationOverrides": [{"descriptor": reference(at), "configuration": {"level": "note"}}],
        "notificationConfigurationOverrides": [
            {"descriptor": reference(at, "notification"), "configuration": {"level": "note"}}
        ],
        "toolExecutionNotifications": [
            {
                "message": {"text": "m"},
                "level": "note",
                "descriptor": {"id": f"driver/notification-{at}", "index": at},
                "associatedRule": {"id": f"driver/rule-{at}", "index": at},
                "locations": [location(at)],
                "exception": {"kind": "E", "stack": {"frames": [{"location": location(at)}]}},
            }
        ],
    }


def graph(name: str) -> Json:
    """A graph of two nodes."""
    return {
        "description": {"text": name},
        "nodes": [{"id": f"{name}/n0", "children": [{"id": f"{name}/n1", "location": location(0)}]}],
        "edges": [{"id": f"{name}/e", "sourceNodeId": f"{name}/n0", "targetNodeId": f"{name}/n1"}],
    }


def plain(at: int) -> Json:
    """A result as nearly all are, with a short code flow."""
    place = {"artifactLocation": artifact_location(at), "region": {"startLine": at + 1}}
    return {
        "ruleId": f"driver/rule-{at}/part",
        "ruleIndex": at,
        "level": "error",
        "message": {"text": f"result {at}"},
        "locations": [{"physicalLocation": place}],
        "codeFlows": [{"threadFlows": [{"locations": [{"location": {"physicalLocation": place}}]}]}],
    }


def result(at: int) -> Json:
    """A result that uses every index."""
    return {
        "rule": reference(at),
        "ruleId": f"extension-{at}/rule-{at}",
        "ruleIndex": at,
        "kind": "fail",
        "level": "warning",
        "baselineState": "new",
        "message": {"text": f"result {at}"},
        "analysisTarget": artifact_location(at),
        "locations": [location(at)],
        "relatedLocations": [location((at + 1) % TABLES)],
        "taxa": [taxon(at)],
        "webRequest": {"index": at, "target": f"https://example.com/{at}"},
        "webResponse": {"index": at, "statusCode": 200 + at},
        "stacks": [{"frames": [{"location": location(at)}]}],
        "attachments": [{"artifactLocation": artifact_location(at), "regions": [{"startLine": 1}]}],
        "fixes": [
            {
                "artifactChanges": [
                    {"artifactLocation": artifact_location(at), "replacements": [{"deletedRegion": {"startLine": 1}}]}
                ]
            }
        ],
        "suppressions": [{"kind": "inSource", "status": "rejected", "location": location(at)}],
        "provenance": {"invocationIndex": at, "conversionSources": [physical(at)]},
        "graphs": [graph(f"result-{at}")],
        "graphTraversals": [
            {"runGraphIndex": at, "edgeTraversals": [{"edgeId": f"run-{at}/e"}]},
            {"resultGraphIndex": 0, "edgeTraversals": [{"edgeId": f"result-{at}/e"}]},
        ],
        "codeFlows": [
            {
                "threadFlows": [
                    {
                        "locations": [
                            {"index": at, "module": f"module-{at}", "importance": "essential"},
                            {
                                "location": location(at),
                                "taxa": [taxon(at)],
                                "webRequest": {"index": at},
                                "webResponse": {"index": at},
                                "stack": {"frames": [{"location": location(at)}]},
                            },
                        ]
                    }
                ]
            }
        ],
    }


def _trimmed(found: Json, keep: set[str]) -> Json:
    always = {"ruleId", "rule", "message", "graphs"}
    return {name: value for name, value in found.items() if name in keep or name in always}


results: st.SearchStrategy[Json] = st.one_of(
    st.builds(plain, st.integers(0, TABLES - 1)),
    st.builds(
        _trimmed,
        st.builds(result, st.integers(0, TABLES - 1)),
        st.sets(st.sampled_from(sorted(result(0)))),
    ),
)
logs: st.SearchStrategy[Json] = st.lists(st.lists(results, max_size=4), max_size=3).map(
    lambda many: log(*(run(some, category=f"{number}/") for number, some in enumerate(many)))
)
"""Logs in which nothing is wrong."""
