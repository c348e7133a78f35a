"""WeChat's XML: read without entities, written so that no content can break out of CDATA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from kernel.errors import Malformed

Node: TypeAlias = "str | int | Mapping[str, Node] | Sequence[Node]"


def parse_root(body: bytes) -> Element:
    """Parse UTF-8 XML whose root is `<xml>`; entities and document types are refused.

    Raises:
        Malformed: wrong encoding, not XML, another root, or a document type.
    """
    try:
        root: Element = fromstring(body.decode("utf-8"), forbid_dtd=True)
    except UnicodeDecodeError as error:
        raise Malformed("The body is not UTF-8.") from error
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise Malformed("The body is not plain XML without entities.") from error
    if root.tag != "xml":
        raise Malformed("The body's root is not <xml>.")
    return root


def parse_flat(body: bytes) -> dict[str, str]:
    """Return the text of the root's direct children by their names; the first one wins."""
    return flatten(parse_root(body))


def flatten(node: Element) -> dict[str, str]:
    """Return the text of a node's direct children by their names; the first one wins."""
    flat: dict[str, str] = {}
    for child in node:
        flat.setdefault(child.tag, (child.text or "").strip())
    return flat


def render(name: str, node: Node) -> str:
    """Write a node: texts as CDATA, numbers bare, mappings and lists as children."""
    if isinstance(node, int):
        return f"<{name}>{node}</{name}>"
    if isinstance(node, str):
        return f"<{name}>{quote(node)}</{name}>"
    if isinstance(node, Mapping):
        inner = "".join(render(key, value) for key, value in node.items())
        return f"<{name}>{inner}</{name}>"
    return "".join(render(name, value) for value in node)


def quote(text: str) -> str:
    """Wrap a text in CDATA; `]]>` is split and characters that XML forbids are dropped."""
    legal = "".join(one for one in text if one in "\t\n\r" or _is_legal(ord(one)))
    return "<![CDATA[" + legal.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _is_legal(code: int) -> bool:
    """XML 1.0 section 2.2, production Char."""
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
