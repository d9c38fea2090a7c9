"""Everything that has to stand before a command can do its work."""

from dataclasses import dataclass

from . import cluster as clusters
from . import config, paths, source, system
from .templates import Templates


@dataclass(frozen=True)
class Ready:
    """A prepared repository: Odoo's tree, the running cluster, the templates."""

    odoo: source.Odoo
    cluster: clusters.Cluster
    templates: Templates


def prepare():
    """System packages, Odoo, cluster and configuration; each only if missing."""
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    system.prepare()
    odoo = source.prepare()
    cluster = clusters.prepare()
    config.write(odoo, cluster)
    return Ready(odoo, cluster, Templates(odoo, cluster))
