"""The ways out of subnets: which table serves a subnet, and where that leads traffic for the internet."""

from eni_lint.analysis.routes.tables import Tables as Tables
from eni_lint.analysis.routes.ways import SHUT as SHUT
from eni_lint.analysis.routes.ways import Fault as Fault
from eni_lint.analysis.routes.ways import Routes as Routes
from eni_lint.analysis.routes.ways import Way as Way
from eni_lint.analysis.routes.ways import WayOut as WayOut
from eni_lint.analysis.routes.ways import Ways as Ways
from eni_lint.analysis.routes.ways import listed as listed
