#!/usr/bin/env python3
"""By hand:  tests/operations/outside_chaos_mesh.py FOLDER

Holds deploy/chaos-mesh to Chaos Mesh's own definitions, which FOLDER has (config/crd/bases of its sources): types,
values and needed fields, and no field they do not name.
"""

import pathlib
import sys

import jsonschema
import yaml

MANIFESTS = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "chaos-mesh"


def strict(schema):
    """The schema, refusing what it does not name."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if isinstance(made.get("properties"), dict) and made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made


def schema_of(folder, kind):
    definition = yaml.safe_load((folder / f"chaos-mesh.org_{kind.lower()}.yaml").read_text(encoding="utf-8"))
    (version,) = [v for v in definition["spec"]["versions"] if v["name"] == "v1alpha1"]
    made = strict(version["schema"]["openAPIV3Schema"])
    made["properties"]["metadata"] = {"type": "object"}
    return made


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    bad = 0
    for path in sorted(MANIFESTS.glob("*.yaml")):
        thing = yaml.safe_load(path.read_text(encoding="utf-8"))
        validator = jsonschema.Draft7Validator(schema_of(pathlib.Path(sys.argv[1]), thing["kind"]))
        wrong = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(thing)]
        print(f"{path.name}: {len(wrong)} errors" + "".join(f"\n  {line}" for line in wrong))
        bad += len(wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
