"""What went wrong in a step, in words that say how to mend it."""

from __future__ import annotations

import re


class StepFailed(Exception):
    """A set-up step failed; `remedy` says what a person can do about it."""

    def __init__(self, what: str, *, remedy: str, tail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.tail = tail


_CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        r"No space left on device|ENOSPC|os error 28|Disk quota exceeded",
        "the disk is full",
        "free some space (set-up needs about 8 GB, the caches of uv and npm among it) and run it "
        "again; UV_CACHE_DIR and npm_config_cache move the caches to another disk",
    ),
    (
        r"Permission denied|EACCES|os error 13|Read-only file system|os error 30",
        "a file or folder may not be written",
        "run as the owner of this checkout; files made earlier by root are in .tools, .venv, "
        "bot/.venv, console/node_modules and var",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer|self.signed certificate",
        "the certificate of {registry} is not trusted here",
        "name your proxy's certificate: SSL_CERT_FILE for PyPI, NODE_EXTRA_CA_CERTS for npm",
    ),
    (
        r"dns error|failed to lookup address|Temporary failure in name resolution|ENOTFOUND|"
        r"EAI_AGAIN|Could not connect|Connection refused|ECONNREFUSED|ENETUNREACH|tunnel error|"
        r"error sending request|Network is unreachable|No route to host|Failed to fetch|"
        r"NewConnectionError|ProxyError",
        "{registry} could not be reached",
        "check the network and the proxy (HTTPS_PROXY), or name a mirror: UV_DEFAULT_INDEX or "
        "PIP_INDEX_URL for PyPI, npm_config_registry for npm",
    ),
    (
        r"timed out|ETIMEDOUT|ESOCKETTIMEDOUT|operation timed out|ConnectTimeoutError",
        "{registry} answered too slowly",
        "run it again: what was fetched is kept. A nearer mirror helps: UV_DEFAULT_INDEX or "
        "PIP_INDEX_URL for PyPI, npm_config_registry for npm",
    ),
    (
        r"Hash mismatch|EINTEGRITY|do not match the hashes",
        "a package from {registry} is not the one that the lock file names",
        "a mirror serves other files than the registry: use another one, or `make lock` if you "
        "changed a dependency on purpose",
    ),
    (
        r"has no wheels with a matching|no matching distribution|not compatible with this Python|"
        r"no wheel|doesn't have a source distribution or wheel for the current platform",
        "a package offers no build for this machine",
        "Linux x86-64 and macOS with Python 3.11 are supported; see the log for the package",
    ),
)


def find_cause(output: str, *, registry: str) -> tuple[str, str] | None:
    """Say what `output` of a failed command complains of, and the remedy, or None if unknown."""
    for pattern, what, remedy in _CAUSES:
        if re.search(pattern, output, re.IGNORECASE):
            return what.format(registry=registry), remedy
    return None
