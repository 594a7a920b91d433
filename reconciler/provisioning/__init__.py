"""What the provisioning engine of the service computes, reproduced: expressions, scoping filters, attribute flow.

Pure: text, trees and values in, values out; no clock, no chance, no network, no disk. Not for reading users or writing
them, and not for who is asked: callers bring users in the engine's names (`from_graph` makes them of Graph's).

    parse · render · attributes_of                    text ↔ tree
    compile_expression → Expression.evaluate(user)   one value
    compile_filter → ScopingFilter.passes · explain  in scope, and why not
    lay(DEFAULT_MAPPINGS, deltas) → compile_mappings → Flow.created(user) · updated(user, target)
    lint_expression · lint_filter · lint_mappings    what works and may still surprise
    decide(Standing) → Decision                      what a cycle makes of one person
    holds_deletions · excess                         what stops a cycle
    FUNCTIONS · OPERATORS · ATTRIBUTES · assumptions()   the tables, for documentation and editors
"""

from reconciler.provisioning.attributes import ATTRIBUTES, UserAttribute, engine_name, from_graph
from reconciler.provisioning.compiling import Expression, compile_expression
from reconciler.provisioning.deciding import Action, Decision, Standing, Ways, decide
from reconciler.provisioning.errors import (
    EvaluationError,
    ExpressionError,
    FilterError,
    MappingError,
    PatternTimeout,
    Position,
    ProvisioningError,
    Unknowable,
)
from reconciler.provisioning.flowing import Flow, Flowed, compile_mappings
from reconciler.provisioning.functions import FUNCTIONS
from reconciler.provisioning.functions.signatures import Function, Surroundings
from reconciler.provisioning.limiting import Limits, excess, holds_deletions
from reconciler.provisioning.linting import Lint, lint_expression, lint_filter, lint_mappings
from reconciler.provisioning.mapping import DEFAULT_MAPPINGS, AttributeMapping, Delta, lay
from reconciler.provisioning.membership import attributes_in
from reconciler.provisioning.options import Options, assumptions
from reconciler.provisioning.parsing import parse
from reconciler.provisioning.rendering import render
from reconciler.provisioning.scoping import (
    OPERATORS,
    Clause,
    Group,
    ScopingFilter,
    Verdict,
    compile_filter,
    input_filter,
)
from reconciler.provisioning.tracing import Trace, trace
from reconciler.provisioning.trees import Node, attributes_of
from reconciler.provisioning.values import User, Value

__all__ = [
    "ATTRIBUTES",
    "DEFAULT_MAPPINGS",
    "FUNCTIONS",
    "OPERATORS",
    "Action",
    "AttributeMapping",
    "Clause",
    "Decision",
    "Delta",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "FilterError",
    "Flow",
    "Flowed",
    "Function",
    "Group",
    "Limits",
    "Lint",
    "MappingError",
    "Node",
    "Options",
    "PatternTimeout",
    "Position",
    "ProvisioningError",
    "ScopingFilter",
    "Standing",
    "Surroundings",
    "Trace",
    "Unknowable",
    "User",
    "UserAttribute",
    "Value",
    "Verdict",
    "Ways",
    "assumptions",
    "attributes_in",
    "attributes_of",
    "compile_expression",
    "compile_filter",
    "compile_mappings",
    "decide",
    "engine_name",
    "excess",
    "from_graph",
    "holds_deletions",
    "input_filter",
    "lay",
    "lint_expression",
    "lint_filter",
    "lint_mappings",
    "parse",
    "render",
    "trace",
]
