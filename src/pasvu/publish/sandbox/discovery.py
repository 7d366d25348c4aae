"""The API's own description: served rewritten to our address, and held against every request."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pasvu.channel.errors import NotFound
from pasvu.publish.sandbox.answers import ApiError, Json

Params = dict[str, list[str]]
_APIS = (("youtube", "v3"), ("youtubeAnalytics", "v2"))
_UPLOAD = re.compile(r"^(?:resumable/)?upload/")
_UPLOAD_PARAMS = {"uploadType", "upload_protocol", "upload_id"}
_WHOLE = {"int32", "uint32"}
_WHOLE_TEXT = {"int64", "uint64"}


@dataclass(frozen=True)
class Method:
    """One method of the API: its id, its description, and whether it was called on the upload path."""

    id: str
    spec: Json
    on_upload_path: bool
    path_params: dict[str, str]

    @property
    def takes_media(self) -> bool:
        """Whether the method receives a file."""
        return "mediaUpload" in self.spec


class Description:
    """The discovery documents shipped with Google's Python client, read as data (the client is not imported)."""

    def __init__(self, documents: dict[tuple[str, str], Json]) -> None:
        self._documents = documents
        self._schemas: dict[str, Json] = {}
        self._common: dict[str, Json] = {}
        self._methods: list[Json] = []
        for document in documents.values():
            self._schemas |= document["schemas"]
            self._common |= document["parameters"]
            self._methods += _methods_of(document)

    def served(self, api: str, version: str, url: str) -> Json | None:
        """One document as a client should see it: every address is ours, no mutual-TLS address."""
        document = self._documents.get((api, version))
        if document is None:
            return None
        ours = copy.deepcopy(document)
        ours |= {"rootUrl": f"{url}/", "baseUrl": f"{url}/", "servicePath": ""}
        ours.pop("mtlsRootUrl", None)
        return ours

    def find(self, verb: str, path: str) -> Method | None:
        """The method that answers `verb` on `path` (no leading slash), or `None`."""
        plain = _UPLOAD.sub("", path)
        for spec in self._methods:
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(spec["path"]))
            match = re.fullmatch(pattern, plain)
            if spec["httpMethod"] == verb and match:
                return Method(spec["id"], spec, plain != path, match.groupdict())
        return None

    def check_params(self, method: Method, params: Params) -> Params:
        """The parameters with comma lists taken apart; refuses unknown, missing and ill-typed ones."""
        known: dict[str, Json] = {**self._common, **method.spec.get("parameters", {})}
        checked: Params = {name: [value] for name, value in method.path_params.items()}
        for name, values in params.items():
            spec = known.get(name)
            if spec is None and not (name in _UPLOAD_PARAMS and method.on_upload_path):
                raise _parameter("unexpectedParameter", f'Unknown name "{name}": Cannot bind query parameter.', name)
            if spec is None:
                continue
            taken = [part for value in values for part in value.split(",")] if spec.get("repeated") else values
            if len(taken) > 1 and not spec.get("repeated"):
                raise _parameter("invalidParameter", f"The parameter {name} may be given once.", name)
            for value in taken:
                _check_param(name, value, spec)
            checked[name] = taken
        for name, spec in method.spec.get("parameters", {}).items():
            if spec.get("required") and not any(checked.get(name, [])):
                raise _parameter("missingRequiredParameter", f"Missing required parameter: {name}", name)
        for part in checked.get("part", []):
            if part not in self.parts_of(method):
                raise ApiError(400, "unknownPart", f"'{part}'", domain="youtube.part", location="part")
        return checked

    def parts_of(self, method: Method) -> set[str]:
        """The names that `part` may take: the properties of the resource that the method answers."""
        schema = self._schemas[method.spec["response"]["$ref"]] if "response" in method.spec else {"properties": {}}
        items = schema["properties"].get("items", {}).get("items", {})
        if "$ref" in items:
            schema = self._schemas[items["$ref"]]
        return {"id", *schema["properties"]} - {"kind", "etag"}

    def check_body(self, method: Method, body: Any, parts: list[str]) -> Json:
        """The body, held against its schema: 400 `badRequest` on an unknown key or a wrong type."""
        wanted = method.spec.get("request")
        if wanted is None:
            return {}
        if not isinstance(body, dict):
            raise ApiError(400, "parseError", "Parse Error: the body must be a JSON object.")
        self._check_value(body, {"$ref": wanted["$ref"]}, "")
        for name in body:
            if name not in ("kind", "etag", "id") and "part" in method.spec["parameters"] and name not in parts:
                raise ApiError(400, "unexpectedPart", f"'{name}'", domain="youtube.part", location="part")
        return body

    def _check_value(self, value: Any, spec: Json, where: str) -> None:
        if "$ref" in spec:
            spec = {"type": "object", **self._schemas[spec["$ref"]]}
        kind = spec.get("type", "any")
        if not _fits(value, kind, spec.get("format")):
            raise _invalid(where, f"{json.dumps(value)[:60]} is not a {kind}")
        if "enum" in spec and value not in spec["enum"]:
            raise _invalid(where, f'"{value}" is not one of {", ".join(spec["enum"])}')
        if "pattern" in spec and not re.fullmatch(spec["pattern"], value):
            raise _invalid(where, f'"{value}" does not match {spec["pattern"]}')
        if kind == "array":
            for number, one in enumerate(value):
                self._check_value(one, spec["items"], f"{where}[{number}]")
        elif kind == "object":
            for name, one in value.items():
                inner = spec.get("properties", {}).get(name, spec.get("additionalProperties"))
                if inner is None:
                    raise _invalid(where, f'Unknown name "{name}": Cannot find field.')
                self._check_value(one, inner, f"{where}.{name}" if where else name)


@cache
def load() -> Description:
    """The documents as installed; raises `NotFound` when the client package is not there."""
    spec = find_spec("googleapiclient")
    if spec is None or not spec.submodule_search_locations:
        raise NotFound("google-api-python-client is not installed: the sandbox needs its discovery documents.")
    folder = Path(spec.submodule_search_locations[0]) / "discovery_cache" / "documents"
    return Description({(api, v): json.loads((folder / f"{api}.{v}.json").read_text("utf-8")) for api, v in _APIS})


def _methods_of(resource: Json) -> Iterator[Json]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _methods_of(inner)


def _check_param(name: str, value: str, spec: Json) -> None:
    wrong = None
    if spec["type"] == "boolean" and value not in ("true", "false"):
        wrong = "true or false"
    elif spec["type"] == "integer":
        low, high = int(spec.get("minimum", -(2**31))), int(spec.get("maximum", 2**31 - 1))
        if not re.fullmatch(r"-?\d{1,10}", value) or not low <= int(value) <= high:
            wrong = f"an integer within [{low}, {high}]"
    elif "enum" in spec and value not in spec["enum"]:
        wrong = " or ".join(spec["enum"])
    elif "pattern" in spec and not re.fullmatch(spec["pattern"], value):
        wrong = f"text that matches {spec['pattern']}"
    if wrong:
        raise _parameter("invalidParameter", f"Invalid value '{value}' for {name}: expected {wrong}.", name)


def _fits(value: Any, kind: str, form: str | None) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "string":
        return isinstance(value, str) and (form not in _WHOLE_TEXT or re.fullmatch(r"-?\d{1,20}", value) is not None)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool) and (form not in _WHOLE or abs(value) < 2**32)
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, {"array": list, "object": dict}.get(kind, object))


def _parameter(reason: str, message: str, name: str) -> ApiError:
    return ApiError(400, reason, message, domain="youtube.parameter", location=name)


def _invalid(where: str, message: str) -> ApiError:
    at = f" at '{where}'" if where else ""
    return ApiError(400, "badRequest", f"Invalid JSON payload received{at}: {message}", location=where or None)
