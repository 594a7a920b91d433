"""The functions of the language, as one table by name. What they do is in the modules here, a family each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.provisioning.functions import lists, logic, replacing, texts, times
from reconciler.provisioning.functions.signatures import Function

_ALL = (*texts.FUNCTIONS, *logic.FUNCTIONS, *lists.FUNCTIONS, *replacing.FUNCTIONS, *times.FUNCTIONS)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {function.name: function for function in sorted(_ALL, key=lambda function: function.name.lower())}
)
