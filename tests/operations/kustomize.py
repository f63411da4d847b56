"""The part of kustomize that deploy/ uses, for machines that have none: what a folder builds to.

Knows resources, patches (merged by kind and name), generated ConfigMaps and Secrets with the hash in
their names, labels and namespaces. Whatever else a kustomization says is an error, not a difference.
outside_validators.py compares it with the real one.
"""

import base64
import copy
import hashlib
import json

import yaml

KNOWN = {"apiVersion", "kind", "namespace", "labels", "resources", "patches", "configMapGenerator",
         "secretGenerator", "generatorOptions"}
MERGED_BY_NAME = {"containers", "env", "volumes"}
WITHOUT_NAMESPACE = {"Namespace"}


class Unknown(Exception):
    pass


def build(folder):
    """The objects, in no particular order."""
    plan = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    if odd := plan.keys() - KNOWN:
        raise Unknown(f"{folder}: {', '.join(sorted(odd))}")
    objects = [thing for path in plan.get("resources", []) for thing in resource(folder / path)]
    options = plan.get("generatorOptions", {})
    generated = [made(folder, entry, kind, options) for kind in ("ConfigMap", "Secret")
                 for entry in plan.get(f"{kind[0].lower()}{kind[1:]}Generator", [])]
    renamed = {(thing["kind"], thing["metadata"]["name"]): name for thing, name in generated}
    objects += [thing for thing, _ in generated]
    for patch in plan.get("patches", []):
        apply(objects, yaml.safe_load((folder / patch["path"]).read_text(encoding="utf-8")), patch["path"])
    for thing in objects:
        for labels in plan.get("labels", []):
            thing["metadata"].setdefault("labels", {}).update(labels["pairs"])
        if "namespace" in plan and thing["kind"] not in WITHOUT_NAMESPACE:
            thing["metadata"]["namespace"] = plan["namespace"]
        refer(thing, renamed)
    for thing, name in generated:
        thing["metadata"]["name"] = name
    return objects


def resource(path):
    if path.is_dir():
        return build(path)
    return [thing for thing in yaml.safe_load_all(path.read_text(encoding="utf-8")) if thing]


def made(folder, entry, kind, options):
    """A generated object, and the name that others have to know it by in the end."""
    if odd := entry.keys() - {"name", "files", "literals"}:
        raise Unknown(f"{folder}: {kind} with {', '.join(sorted(odd))}")
    data = dict(literal.split("=", 1) for literal in entry.get("literals", []))
    for name in entry.get("files", []):
        data[name.rsplit("/", 1)[-1]] = (folder / name).read_text(encoding="utf-8")
    thing = {"apiVersion": "v1", "kind": kind, "metadata": {"name": entry["name"]}, "data": data}
    if kind == "Secret":
        thing |= {"type": "Opaque", "data": {k: encoded(v) for k, v in data.items()}}
    if "labels" in options:
        thing["metadata"]["labels"] = dict(options["labels"])
    if options.get("disableNameSuffixHash"):
        return thing, entry["name"]
    return thing, f"{entry['name']}-{hash_of(thing)}"


def encoded(text):
    """In lines of 70, if it is longer."""
    whole = base64.b64encode(text.encode()).decode()
    lines = [whole[i:i + 70] for i in range(0, len(whole), 70)]
    return whole if len(lines) < 2 else "".join(f"{line}\n" for line in lines)


def hash_of(thing):
    hashed = {"data": thing["data"], "kind": thing["kind"], "name": ""}
    if thing["kind"] == "Secret":
        hashed["type"] = thing["type"]
    text = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&":  # as Go writes them
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return digest.translate(str.maketrans("013ae", "ghkmt"))


def refer(where, renamed):
    """Names of generated objects, wherever a pod refers to one."""
    if isinstance(where, list):
        for one in where:
            refer(one, renamed)
    if not isinstance(where, dict):
        return
    for key, value in where.items():
        kind = {"configMap": "ConfigMap", "configMapKeyRef": "ConfigMap", "configMapRef": "ConfigMap",
                "secretKeyRef": "Secret", "secretRef": "Secret"}.get(key)
        if kind and (new := renamed.get((kind, value.get("name")))):
            value["name"] = new
        refer(value, renamed)


def apply(objects, patch, path):
    found = [thing for thing in objects
             if (thing["kind"], thing["metadata"]["name"]) == (patch["kind"], patch["metadata"]["name"])]
    if len(found) != 1:
        raise Unknown(f"{path} fits {len(found)} objects")
    merge(found[0], patch)


def merge(into, patch):
    for key, value in patch.items():
        if value is None:
            into.pop(key, None)
        elif isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        elif key in MERGED_BY_NAME and key in into:
            merge_by_name(into[key], value)
        else:
            into[key] = copy.deepcopy(value)


def merge_by_name(into, patch):
    for one in patch:
        there = next((other for other in into if other["name"] == one["name"]), None)
        merge(there, one) if there is not None else into.append(copy.deepcopy(one))
