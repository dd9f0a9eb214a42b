"""The words of the field: frozen values that every other module speaks."""

from devsecops.model.execution import (
    COVERAGE_UNKNOWN,
    OURS,
    Coverage,
    DataSource,
    Execution,
    Message,
    Tool,
    message_order,
)
from devsecops.model.outcome import Outcome, Policy, Reason, Service, Verdict, VerdictState
from devsecops.model.package import PURL_TYPES, Component, Contents, Lock, Package, Unpinned, same_package, versionless
from devsecops.model.result import (
    CREDENTIALS,
    FileLocation,
    HttpLocation,
    Location,
    PackageLocation,
    Result,
    Rule,
    Suppression,
)
from devsecops.model.severity import Confidence, Kind, Severity, State, Status

__all__ = [
    "COVERAGE_UNKNOWN",
    "CREDENTIALS",
    "OURS",
    "PURL_TYPES",
    "Component",
    "Confidence",
    "Contents",
    "Coverage",
    "DataSource",
    "Execution",
    "FileLocation",
    "HttpLocation",
    "Kind",
    "Location",
    "Lock",
    "Message",
    "Outcome",
    "Package",
    "PackageLocation",
    "Policy",
    "Reason",
    "Result",
    "Rule",
    "Service",
    "Severity",
    "State",
    "Status",
    "Suppression",
    "Tool",
    "Unpinned",
    "Verdict",
    "VerdictState",
    "message_order",
    "same_package",
    "versionless",
]
