"""Faults on demand: what a broken network, a broken or slow server, or a gateway before it does."""

from .at_random import Faults
from .conditions import Conditions
from .fault import Fault, FaultOptions
from .flow import fault_flow
from .injector import FaultInjector, InjectedFault
from .later import Later
from .rules import Arrival, FailureOptions, FaultRule, RuleOptions

__all__ = [
    "Arrival",
    "Conditions",
    "FailureOptions",
    "Fault",
    "FaultInjector",
    "FaultOptions",
    "FaultRule",
    "Faults",
    "InjectedFault",
    "Later",
    "RuleOptions",
    "fault_flow",
]
