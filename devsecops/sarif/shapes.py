"""Where the object model of SARIF 2.1.0 points from one place of a run to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Json = dict[str, Any]
Visits = Mapping[str, Callable[[Json], None]]

ONE: Final = False
MANY: Final = True

_ARTIFACTS_OF_INVOCATION: Final = (
    ("responseFiles", "artifactLocation", MANY),
    ("executableLocation", "artifactLocation", ONE),
    ("workingDirectory", "artifactLocation", ONE),
    ("stdin", "artifactLocation", ONE),
    ("stdout", "artifactLocation", ONE),
    ("stderr", "artifactLocation", ONE),
    ("stdoutStderr", "artifactLocation", ONE),
)

SHAPES: Final[dict[str, tuple[tuple[str, str, bool], ...]]] = {
    "result": (
        ("rule", "rule", ONE),
        ("taxa", "taxon", MANY),
        ("analysisTarget", "artifactLocation", ONE),
        ("locations", "location", MANY),
        ("relatedLocations", "location", MANY),
        ("codeFlows", "codeFlow", MANY),
        ("stacks", "stack", MANY),
        ("graphs", "graph", MANY),
        ("graphTraversals", "graphTraversal", MANY),
        ("suppressions", "suppression", MANY),
        ("attachments", "attachment", MANY),
        ("provenance", "provenance", ONE),
        ("fixes", "fix", MANY),
        ("webRequest", "webRequest", ONE),
        ("webResponse", "webResponse", ONE),
    ),
    "location": (("physicalLocation", "physicalLocation", ONE), ("logicalLocations", "logicalLocation", MANY)),
    "physicalLocation": (("artifactLocation", "artifactLocation", ONE), ("address", "address", ONE)),
    "codeFlow": (("threadFlows", "threadFlow", MANY),),
    "threadFlow": (("locations", "threadFlowLocation", MANY),),
    "threadFlowLocation": (
        ("location", "location", ONE),
        ("stack", "stack", ONE),
        ("taxa", "taxon", MANY),
        ("webRequest", "webRequest", ONE),
        ("webResponse", "webResponse", ONE),
    ),
    "stack": (("frames", "stackFrame", MANY),),
    "stackFrame": (("location", "location", ONE),),
    "graph": (("nodes", "node", MANY),),
    "node": (("location", "location", ONE), ("children", "node", MANY)),
    "suppression": (("location", "location", ONE),),
    "attachment": (("artifactLocation", "artifactLocation", ONE),),
    "provenance": (("conversionSources", "physicalLocation", MANY),),
    "fix": (("artifactChanges", "artifactChange", MANY),),
    "artifactChange": (("artifactLocation", "artifactLocation", ONE),),
    "rule": (("toolComponent", "component", ONE),),
    "notificationDescriptor": (("toolComponent", "component", ONE),),
    "taxon": (("toolComponent", "taxonomy", ONE),),
    "target": (("toolComponent", "taxonomy", ONE),),
    "descriptor": (("relationships", "relationship", MANY),),
    "relationship": (("target", "target", ONE),),
    "toolComponent": (
        ("rules", "descriptor", MANY),
        ("notifications", "descriptor", MANY),
        ("taxa", "descriptor", MANY),
        ("locations", "artifactLocation", MANY),
        ("associatedComponent", "component", ONE),
        ("supportedTaxonomies", "taxonomy", MANY),
    ),
    "tool": (("driver", "toolComponent", ONE), ("extensions", "toolComponent", MANY)),
    "invocation": (
        *_ARTIFACTS_OF_INVOCATION,
        ("ruleConfigurationOverrides", "ruleOverride", MANY),
        ("notificationConfigurationOverrides", "notificationOverride", MANY),
        ("toolExecutionNotifications", "notification", MANY),
        ("toolConfigurationNotifications", "notification", MANY),
    ),
    "ruleOverride": (("descriptor", "rule", ONE),),
    "notificationOverride": (("descriptor", "notificationDescriptor", ONE),),
    "notification": (
        ("locations", "location", MANY),
        ("exception", "exception", ONE),
        ("descriptor", "notificationDescriptor", ONE),
        ("associatedRule", "rule", ONE),
    ),
    "exception": (("stack", "stack", ONE), ("innerExceptions", "exception", MANY)),
    "conversion": (
        ("tool", "converter", ONE),
        ("invocation", "conversionInvocation", ONE),
        ("analysisToolLogFiles", "artifactLocation", MANY),
    ),
    "converter": (("driver", "converterComponent", ONE), ("extensions", "converterComponent", MANY)),
    "converterComponent": (
        ("rules", "converterDescriptor", MANY),
        ("notifications", "converterDescriptor", MANY),
        ("taxa", "converterDescriptor", MANY),
        ("locations", "artifactLocation", MANY),
        ("supportedTaxonomies", "converterTaxonomy", MANY),
    ),
    "converterDescriptor": (("relationships", "converterRelationship", MANY),),
    "converterRelationship": (("target", "converterTarget", ONE),),
    "converterTarget": (("toolComponent", "converterTaxonomy", ONE),),
    "conversionInvocation": (
        *_ARTIFACTS_OF_INVOCATION,
        ("toolExecutionNotifications", "conversionNotification", MANY),
        ("toolConfigurationNotifications", "conversionNotification", MANY),
    ),
    "conversionNotification": (("locations", "location", MANY), ("exception", "exception", ONE)),
    "artifact": (("location", "artifactLocation", ONE),),
    "versionControlDetails": (("mappedTo", "artifactLocation", ONE),),
    "specialLocations": (("displayBase", "artifactLocation", ONE),),
    "externalFile": (("location", "artifactLocation", ONE),),
    "externalFiles": (
        ("conversion", "externalFile", ONE),
        ("graphs", "externalFile", MANY),
        ("externalizedProperties", "externalFile", ONE),
        ("artifacts", "externalFile", MANY),
        ("invocations", "externalFile", MANY),
        ("logicalLocations", "externalFile", MANY),
        ("threadFlowLocations", "externalFile", MANY),
        ("results", "externalFile", MANY),
        ("taxonomies", "externalFile", MANY),
        ("addresses", "externalFile", MANY),
        ("driver", "externalFile", ONE),
        ("extensions", "externalFile", MANY),
        ("policies", "externalFile", MANY),
        ("translations", "externalFile", MANY),
        ("webRequests", "externalFile", MANY),
        ("webResponses", "externalFile", MANY),
    ),
}
"""For each kind of object the properties below which an index can stand: name, kind, whether it is a list.

After the schema of SARIF 2.1.0 (errata 01). References to descriptors have the kind of the array they point into:
`rule`, `notificationDescriptor`, `taxon`, or `target`, which is a taxon where there is such a taxonomy, else a rule.
What a conversion says refers to the descriptors of its own tool, which stay as they are, and to the run's taxonomies.
"""

TABLES: Final = {
    "artifacts": "artifact",
    "logicalLocations": "logicalLocation",
    "addresses": "address",
    "webRequests": "webRequest",
    "webResponses": "webResponse",
    "threadFlowLocations": "threadFlowLocation",
    "graphs": "graph",
    "invocations": "invocation",
}
"""The tables of a run that are pointed into, each behind those it points into itself, with the kind of its entries."""

INDEXED: Final = (
    *TABLES.values(),
    "artifactLocation",
    "component",
    "converterTarget",
    "converterTaxonomy",
    "graphTraversal",
    "notificationDescriptor",
    "provenance",
    "rule",
    "target",
    "taxon",
    "taxonomy",
)
"""Kinds of objects that hold an index themselves."""


def walk(kind: str, value: Json, visits: Visits, complain: Callable[[str], None] = lambda _: None) -> None:
    """Visit an object and all objects below it that can hold an index, in place; property bags are left alone.

    Args:
        kind: of the object, a key of `SHAPES` or a kind that `SHAPES` names.
        value: the object; what is below it and has a wrong type is taken out.
        visits: what to do with objects, by kind; holders are visited before what they hold.
        complain: called with the name of each property that was taken out.
    """
    visit = visits.get(kind)
    if visit:
        visit(value)
    for name, below, many in SHAPES.get(kind, ()):
        if name in value:
            held = value[name]
            if many and type(held) is list:
                for one in held:
                    if type(one) is dict:
                        walk(below, one, visits, complain)
                    else:
                        value[name] = [one for one in held if type(one) is dict]
                        complain(f"{kind}.{name} with something that is no object")
            elif type(held) is dict and not many:
                walk(below, held, visits, complain)
            else:
                del value[name]
                complain(f"{kind}.{name} of a wrong type")
