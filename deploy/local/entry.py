"""`python -m deploy.local.entry`: the entry of an embedded stack as a process: gateway, business clock and issuer on one address."""

import argparse
from pathlib import Path

from deploy.local.data_folder import HOST
from deploy.local.gateway import create_gateway, serve
from deploy.local.issuer import Issuer
from shared.branch import Branch
from shared.telemetry import log_to_stderr


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.entry", description=__doc__)
    parser.add_argument("upstreams", nargs="+", metavar="DEPARTMENT=URL")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--branch", type=Path, required=True)
    parser.add_argument("--issuer", type=Path, required=True, help="folder of the issuer's keys")
    parser.add_argument("--clock", type=Path, help="file of the stepped business clock")
    given = parser.parse_args()
    branch = Branch.load(given.branch)
    upstreams = dict(each.split("=", 1) for each in given.upstreams)
    issuer = Issuer(given.issuer, branch)
    gateway = create_gateway(
        upstreams, site=branch.site.id, zone=branch.site.zone, issuer=issuer, clock_file=given.clock, show_metrics=True
    )
    log_to_stderr("entry")
    serve(gateway, HOST, given.port)


if __name__ == "__main__":
    main()
