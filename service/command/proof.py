"""Check a proof of delivery against the key that signed it: offline, without any database."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from kernel.errors import InvalidInput
from orchestrator.evidence import Checked, Signer, check_file
from service.parser import make_parser


def run(words: Sequence[str]) -> int:
    """Check a file, or print this installation's public key."""
    parser = make_parser("proof", __doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    verify = actions.add_parser("verify", help="check a JSON or PDF proof")
    verify.add_argument("file", type=Path, help="the exported file")
    verify.add_argument("--key", required=True, help="the public key, or a file with it")
    actions.add_parser("key", help="print the public key of this installation")
    chosen = parser.parse_args(words)
    if chosen.action == "key":
        return _print_key()
    checked = check_file(_read(chosen.file), _read_key(chosen.key))
    sys.stdout.write(show_checked(checked))
    return 0


def show_checked(checked: Checked) -> str:
    """Return what a file proves, in words."""
    lines = ["校验通过：文件未被改动 · the proof holds: no byte was changed"]
    if checked.kind == "pdf":
        lines.append(
            "PDF 签名有效；逐步校验请用附件 proof.json · for each step check the attachment"
        )
        return "\n".join([*lines, ""])
    ways = "、".join(checked.ways) or "—"
    lines += [
        f"通知 · notice    {checked.notice_id}（{checked.state}）",
        f"步骤 · steps     {checked.steps}，{checked.first_at} → {checked.last_at}",
        f"确认 · confirmed {ways}",
    ]
    return "\n".join([*lines, ""])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read: {error.strerror}.", zh=f"无法读取文件 {path}。"
        ) from error


def _read_key(given: str) -> str:
    """Return the key itself, or what stands in the file of this name."""
    path = Path(given)
    return _read(path).decode("ascii", "replace").strip() if path.is_file() else given.strip()


def _print_key() -> int:
    from service.source import load_settings

    sys.stdout.write(Signer.from_secret(load_settings().proof_key).public + "\n")
    return 0
