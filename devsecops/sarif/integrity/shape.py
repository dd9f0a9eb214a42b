"""The objects of SARIF 2.1.0 in which an index, a place or a closed list of words can stand, as data.

Taken from the definitions of OASIS's schema (sarif-schema-2.1.0.json, errata 01); a test holds the tables against it.
"""

from __future__ import annotations

from typing import Final

_COMPONENT: Final = "toolComponent"

CHILDREN: Final[dict[str, dict[str, str]]] = {
    "address": {},
    "artifact": {"location": "artifactLocation"},
    "artifactChange": {"artifactLocation": "artifactLocation", "replacements": "replacement"},
    "artifactLocation": {},
    "attachment": {"artifactLocation": "artifactLocation", "regions": "region"},
    "codeFlow": {"threadFlows": "threadFlow"},
    "configurationOverride": {"configuration": "reportingConfiguration", "descriptor": "reportingDescriptorReference"},
    "conversion": {"tool": "tool", "invocation": "invocation", "analysisToolLogFiles": "artifactLocation"},
    "exception": {"stack": "stack", "innerExceptions": "exception"},
    "fix": {"artifactChanges": "artifactChange"},
    "graph": {"nodes": "node"},
    "graphTraversal": {},
    "invocation": {
        "responseFiles": "artifactLocation",
        "ruleConfigurationOverrides": "configurationOverride",
        "notificationConfigurationOverrides": "configurationOverride",
        "toolExecutionNotifications": "notification",
        "toolConfigurationNotifications": "notification",
        "executableLocation": "artifactLocation",
        "workingDirectory": "artifactLocation",
        "stdin": "artifactLocation",
        "stdout": "artifactLocation",
        "stderr": "artifactLocation",
        "stdoutStderr": "artifactLocation",
    },
    "location": {
        "physicalLocation": "physicalLocation",
        "logicalLocations": "logicalLocation",
        "annotations": "region",
    },
    "logicalLocation": {},
    "node": {"location": "location", "children": "node"},
    "notification": {
        "locations": "location",
        "exception": "exception",
        "descriptor": "reportingDescriptorReference",
        "associatedRule": "reportingDescriptorReference",
    },
    "physicalLocation": {
        "address": "address",
        "artifactLocation": "artifactLocation",
        "region": "region",
        "contextRegion": "region",
    },
    "region": {},
    "replacement": {"deletedRegion": "region"},
    "reportingConfiguration": {},
    "reportingDescriptor": {
        "defaultConfiguration": "reportingConfiguration",
        "relationships": "reportingDescriptorRelationship",
    },
    "reportingDescriptorReference": {"toolComponent": "toolComponentReference"},
    "reportingDescriptorRelationship": {"target": "reportingDescriptorReference"},
    "result": {
        "rule": "reportingDescriptorReference",
        "analysisTarget": "artifactLocation",
        "locations": "location",
        "stacks": "stack",
        "codeFlows": "codeFlow",
        "graphs": "graph",
        "graphTraversals": "graphTraversal",
        "relatedLocations": "location",
        "suppressions": "suppression",
        "attachments": "attachment",
        "provenance": "resultProvenance",
        "fixes": "fix",
        "taxa": "reportingDescriptorReference",
        "webRequest": "webRequest",
        "webResponse": "webResponse",
    },
    "resultProvenance": {"conversionSources": "physicalLocation"},
    "run": {
        "tool": "tool",
        "invocations": "invocation",
        "conversion": "conversion",
        "versionControlProvenance": "versionControlDetails",
        "artifacts": "artifact",
        "logicalLocations": "logicalLocation",
        "graphs": "graph",
        "threadFlowLocations": "threadFlowLocation",
        "taxonomies": _COMPONENT,
        "addresses": "address",
        "translations": _COMPONENT,
        "policies": _COMPONENT,
        "webRequests": "webRequest",
        "webResponses": "webResponse",
        "specialLocations": "specialLocations",
    },
    "specialLocations": {"displayBase": "artifactLocation"},
    "stack": {"frames": "stackFrame"},
    "stackFrame": {"location": "location"},
    "suppression": {"location": "location"},
    "threadFlow": {"locations": "threadFlowLocation"},
    "threadFlowLocation": {
        "location": "location",
        "stack": "stack",
        "taxa": "reportingDescriptorReference",
        "webRequest": "webRequest",
        "webResponse": "webResponse",
    },
    "tool": {"driver": _COMPONENT, "extensions": _COMPONENT},
    _COMPONENT: {
        "notifications": "reportingDescriptor",
        "rules": "reportingDescriptor",
        "taxa": "reportingDescriptor",
        "locations": "artifactLocation",
        "associatedComponent": "toolComponentReference",
        "supportedTaxonomies": "toolComponentReference",
    },
    "toolComponentReference": {},
    "versionControlDetails": {"mappedTo": "artifactLocation"},
    "webRequest": {},
    "webResponse": {},
}
"""Object to its properties that are such objects, or lists of them; results and base ids are checked apart."""

UNIQUE: Final[dict[str, frozenset[str]]] = {
    "attachment": frozenset({"regions"}),
    "conversion": frozenset({"analysisToolLogFiles"}),
    "fix": frozenset({"artifactChanges"}),
    "graph": frozenset({"nodes"}),
    "invocation": frozenset(
        {
            "responseFiles",
            "ruleConfigurationOverrides",
            "notificationConfigurationOverrides",
        }
    ),
    "location": frozenset({"logicalLocations", "annotations"}),
    "node": frozenset({"children"}),
    "notification": frozenset({"locations"}),
    "reportingDescriptor": frozenset({"relationships"}),
    "result": frozenset(
        {
            "stacks",
            "graphs",
            "graphTraversals",
            "relatedLocations",
            "suppressions",
            "attachments",
            "fixes",
            "taxa",
        }
    ),
    "resultProvenance": frozenset({"conversionSources"}),
    "run": frozenset(
        {
            "versionControlProvenance",
            "artifacts",
            "logicalLocations",
            "graphs",
            "threadFlowLocations",
            "taxonomies",
            "translations",
            "policies",
            "webRequests",
            "webResponses",
        }
    ),
    "threadFlowLocation": frozenset({"taxa"}),
    "tool": frozenset({"extensions"}),
    _COMPONENT: frozenset({"notifications", "rules", "taxa", "supportedTaxonomies"}),
}
"""The lists of `CHILDREN` that hold nothing twice (`uniqueItems`)."""

LEVELS: Final = frozenset({"none", "note", "warning", "error"})
KINDS: Final = frozenset({"notApplicable", "pass", "fail", "review", "open", "informational"})
CLOSED: Final[dict[str, dict[str, frozenset[str]]]] = {
    "notification": {"level": LEVELS},
    "reportingConfiguration": {"level": LEVELS},
    "result": {
        "level": LEVELS,
        "kind": KINDS,
        "baselineState": frozenset({"new", "unchanged", "updated", "absent"}),
    },
    "run": {"columnKind": frozenset({"utf16CodeUnits", "unicodeCodePoints"})},
    "suppression": {
        "kind": frozenset({"inSource", "external"}),
        "status": frozenset({"accepted", "underReview", "rejected"}),
    },
    "threadFlowLocation": {"importance": frozenset({"important", "essential", "unimportant"})},
}
"""Properties whose words are a closed list (`enum`)."""
