"""What the two API documents have in common: references, and JSON compared with a schema.

A value fits when the schema accepts it and names every member it has: what a node sends without
it being described is a fault of the description.
"""

import re
import warnings

import yaml
from jsonschema import Draft202012Validator, FormatChecker

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # newer ones have another resolver beside it
    from jsonschema import RefResolver

formats = FormatChecker(formats=())


@formats.checks("date-time")
def is_time_of_ours(value):
    return not isinstance(value, str) or re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value) is not None


class OneOfEach(yaml.SafeLoader):
    """Refuses what YAML forbids and PyYAML takes, a member twice in one mapping; and a member without a value, which
    is what a comma makes in a text between braces that has no quotation marks."""

    def construct_mapping(self, node, deep=False):
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{name!r} twice", node.start_mark)
        for name, (_, value) in zip(names, node.value):
            if value.tag == "tag:yaml.org,2002:null":
                raise yaml.constructor.ConstructorError(None, None, f"{name!r} has no value", node.start_mark)
        return super().construct_mapping(node, deep)


def read(path):
    return yaml.load(path.read_text(encoding="utf-8"), OneOfEach)


def walk(value, path=()):
    """Every mapping and list of a document with the way to it."""
    yield path, value
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from walk(inner, (*path, str(step)))


class Documents:
    """Documents that refer to each other, by file name."""

    def __init__(self, **by_name):
        self.by_name = by_name  # a dot in a name is written as an underscore

    def document(self, file):
        return self.by_name[file.replace(".", "_")]

    def follow(self, reference, home):
        file, _, way = reference.partition("#")
        home = file or home
        found = self.document(home)
        for step in filter(None, way.split("/")):
            step = step.replace("~1", "/").replace("~0", "~")
            found = found[int(step)] if isinstance(found, list) else found[step]
        return found, home

    def resolved(self, value, home):
        while isinstance(value, dict) and "$ref" in value:
            value, home = self.follow(value["$ref"], home)
        return value, home

    def broken_references(self, home):
        broken = []
        for path, value in walk(self.document(home)):
            if not (isinstance(value, dict) and isinstance(value.get("$ref"), str)):
                continue
            try:
                self.follow(value["$ref"], home)
            except (KeyError, IndexError, ValueError, TypeError):
                broken.append(f"{'/'.join(path)}: {value['$ref']}")
        return broken

    def faults(self, value, schema, home):
        store = {name.replace("_", "."): document for name, document in self.by_name.items()}
        resolver = RefResolver(home, self.document(home), store=store)
        checker = Draft202012Validator(schema, resolver=resolver, format_checker=formats)
        found = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in checker.iter_errors(value)]
        return found + [f"{way}: not described" for way in self._undescribed(value, [(schema, home)], "")]

    def _parts(self, schema, home):
        """The schema itself and all that are laid over it."""
        schema, home = self.resolved(schema, home)
        yield schema, home
        for word in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(word, ()):
                yield from self._parts(part, home)

    def _undescribed(self, value, schemas, way):
        parts = [part for schema, home in schemas for part in self._parts(schema, home)]
        if isinstance(value, dict):
            for name, inner in value.items():
                under = [(p["properties"][name], home) for p, home in parts if name in p.get("properties", {})]
                under += [(p["additionalProperties"], home) for p, home in parts
                          if isinstance(p.get("additionalProperties"), dict)]
                if under:
                    yield from self._undescribed(inner, under, f"{way}/{name}")
                else:
                    yield f"{way}/{name}"
        elif isinstance(value, list):
            under = [(p["items"], home) for p, home in parts if "items" in p]
            for i, inner in enumerate(value):
                yield from self._undescribed(inner, under, f"{way}/{i}")
