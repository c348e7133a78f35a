"""Who writes the messages of contents, with this installation's names and addresses."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.message import Json
from orchestrator.letter import ContentWriter
from orchestrator.link import Filler, LinkSigner
from service.settings import Settings
from store.cipher import Cipher


def make_writer(settings: Settings, cipher: Cipher) -> ContentWriter:
    """Return who writes what has a content instead of a text of its own."""
    filler = make_filler(settings, cipher)
    return ContentWriter(filler, name_house(settings), cipher=cipher)


def make_filler(settings: Settings, cipher: Cipher) -> Filler:
    """Return who knows this installation's names, and makes the links of its messages."""
    return Filler(LinkSigner.of(cipher, settings.site_url), name_house(settings))


def name_house(settings: Settings) -> Mapping[str, Json]:
    """Return the values of the fields that are the same for everybody."""
    return {"brand": settings.brand, "app": f"{settings.brand}APP"}
