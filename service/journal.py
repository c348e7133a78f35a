"""One log for all children: the same form for every line, on the screen and in a file."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

import orjson

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_FILE_BYTES = 8 * 1024 * 1024
_WORD = re.compile(
    r"^(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*Z?\s+)?"
    r"(?P<word>DEBUG|INFO|LOG|NOTICE|WARNING|WARN|HINT|DETAIL|STATEMENT|ERROR|CRITICAL|FATAL|PANIC)"
    r"(?::\s*|\s+)(?P<text>.*)$"
)
_NAMES = {
    "DEBUG": "debug",
    "LOG": "debug",
    "WARNING": "warning",
    "WARN": "warning",
    "ERROR": "error",
    "CRITICAL": "error",
    "FATAL": "error",
    "PANIC": "error",
}
_COLOURS = {"warning": "\x1b[33m", "error": "\x1b[31m", "debug": "\x1b[2m"}


@dataclass(slots=True)
class Journal:
    """Writes lines of children to a screen, from a level on, and all of them to a file."""

    screen: TextIO
    now: Callable[[], datetime]
    level: str = "info"
    form: str = "text"
    file: Path | None = None
    _handler: RotatingFileHandler | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self._handler = RotatingFileHandler(
                self.file, maxBytes=_FILE_BYTES, backupCount=3, encoding="utf-8"
            )

    def write_line(self, child: str, line: str) -> None:
        """Take a raw line of a child: find its level, give it our form."""
        level, text = parse_line(line)
        if text:
            self.write(child, text, level=level)

    def write(self, child: str, text: str, *, level: str = "info") -> None:
        """Write one line of our own."""
        moment = self.now()
        if self._handler is not None:
            plain = self._format(moment, child, text, level=level, colour=False)
            record = logging.makeLogRecord({"msg": plain, "levelno": logging.INFO})
            self._handler.emit(record)
        if _LEVELS[level] >= _LEVELS[self.level]:
            colour = self.form == "text" and self.screen.isatty()
            line = self._format(moment, child, text, level=level, colour=colour)
            self.screen.write(line + "\n")
            self.screen.flush()

    def close(self) -> None:
        """Close the file."""
        if self._handler is not None:
            self._handler.close()

    def _format(self, moment: datetime, child: str, text: str, *, level: str, colour: bool) -> str:
        if self.form == "json":
            row = {"at": moment.isoformat(), "level": level, "part": child, "text": text}
            return orjson.dumps(row).decode()
        local = moment.astimezone().strftime("%H:%M:%S")
        line = f"{local} {child:<9} {level:<7} {text}"
        return f"{_COLOURS[level]}{line}\x1b[0m" if colour and level in _COLOURS else line


def parse_line(line: str) -> tuple[str, str]:
    """Split a child's line into its level and its text, without a time of its own."""
    text = line.rstrip()
    found = _WORD.match(text)
    if found is None:
        return "info", text
    return _NAMES.get(found["word"], "info"), found["text"]


def set_up_logging(level: str) -> None:
    """Let a process of ours log in the form that the supervisor reads."""
    logging.basicConfig(level=_LEVELS[level], format="%(levelname)s %(name)s %(message)s")
    # Their info lines tell of every request and every statement.
    for noisy in ("aiohttp.access", "alembic", "rasa_sdk", "sqlalchemy.engine"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
