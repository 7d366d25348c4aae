"""Partial answers: the `fields` parameter, e.g. `items(id,status/privacyStatus),nextPageToken`; pure."""

from __future__ import annotations

from typing import Any

from pasvu.publish.sandbox.answers import ApiError, Json

Tree = dict[str, "Tree"]


def select(answer: Json, fields: str) -> Json:
    """Only what `fields` asks for; 400 `invalidParameter` when it cannot be read."""
    tree, rest = _branches(fields, 0)
    if rest != len(fields) or not tree:
        raise _unreadable(fields)
    picked: Json = _pick(answer, tree)
    return picked


def _branches(text: str, at: int) -> tuple[Tree, int]:
    tree: Tree = {}
    while True:
        names, at = _path(text, at)
        node = tree
        for name in names:
            node = node.setdefault(name, {})
        if text[at : at + 1] == "(":
            inner, at = _branches(text, at + 1)
            node.update(inner)
            if text[at : at + 1] != ")":
                raise _unreadable(text)
            at += 1
        if text[at : at + 1] != ",":
            return tree, at
        at += 1


def _path(text: str, at: int) -> tuple[list[str], int]:
    start = at
    while at < len(text) and text[at] not in "(),":
        at += 1
    names = text[start:at].split("/")
    if not all(name.replace("*", "x").replace("-", "x").replace("_", "x").isalnum() for name in names):
        raise _unreadable(text)
    return names, at


def _pick(value: Any, tree: Tree) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_pick(one, tree) for one in value]
    if isinstance(value, dict):
        return {key: _pick(value[key], tree.get(key, tree.get("*", {}))) for key in value if key in tree or "*" in tree}
    return value


def _unreadable(fields: str) -> ApiError:
    return ApiError(400, "invalidParameter", f"Invalid field selection {fields}", location="fields")
