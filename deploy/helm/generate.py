#!/usr/bin/env python3
"""Writes the chart's templates from what deploy/k8s/overlays/{prod,hpa,keda} build to, with a few of their values
taken from values.yaml; with --check says whether it is so.

What is not in MARKS is the overlays' word for word, so the chart has nothing of its own to keep right.
"""

import pathlib
import re
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TEMPLATES = HERE / "tallycast" / "templates"
sys.path.append(str(ROOT / "tests" / "operations"))
import kustomize  # noqa: E402

HEAD = "{{- /* Written by deploy/helm/generate.py from deploy/k8s. */ -}}\n"
STORE = """{{- if .Values.store }}
value: {{ .Values.store | quote }}
{{- else }}
valueFrom:
  secretKeyRef:
    name: {{ .Values.keysSecret }}
    key: store
{{- end }}"""
OPTIONS = """{{- range $name, $value := .Values.options }}
- name: TALLYCAST_{{ $name | upper | replace "-" "_" }}
  value: {{ $value | quote }}
{{- end }}"""
PLANNED = """{{- range .Values.autoscaling.planned }}
- type: cron
  metadata:
    {{- toYaml . | nindent 8 }}
{{- end }}"""
REPLICAS = """{{- if eq .Values.autoscaling.by "none" }}
replicas: {{ .Values.replicas }}
{{- end }}"""
RESOURCES = """resources:
  {{- toYaml .Values.resources | nindent 12 }}"""

# What stands in the dumped text for a whole line, or for a value within one.
LINES = {"replicas: MARK-replicas": REPLICAS, "resources: MARK-resources": RESOURCES, "valueFrom: MARK-store": STORE,
         "- MARK-options": OPTIONS, "- MARK-planned": PLANNED}
VALUES = {"MARK-namespace": ".Release.Namespace", "MARK-image": ".Values.image", "MARK-host": ".Values.host",
          "MARK-tls": ".Values.tlsSecret", "MARK-keys": ".Values.keysSecret", "MARK-min": ".Values.autoscaling.min",
          "MARK-max": ".Values.autoscaling.max", "MARK-prometheus": ".Values.autoscaling.prometheus"}


class Dumper(yaml.SafeDumper):
    """Lists are indented, texts of several lines are kept as such."""

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)


Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar(
    "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None))


def built(overlay):
    return kustomize.build(ROOT / "deploy" / "k8s" / "overlays" / overlay)


def of(things, kind):
    (thing,) = [thing for thing in things if thing["kind"] == kind]
    return thing


def mark_deployment(thing):
    thing["spec"]["replicas"] = "MARK-replicas"
    (container,) = thing["spec"]["template"]["spec"]["containers"]
    container["image"], container["resources"] = "MARK-image", "MARK-resources"
    for variable in container["env"]:
        variable["valueFrom"]["secretKeyRef"]["name"] = "MARK-keys"
        if variable["name"] == "TALLYCAST_STORE":
            variable["valueFrom"] = "MARK-store"
    container["env"].append("MARK-options")


def mark_ingress(thing):
    (tls,), (rule,) = thing["spec"]["tls"], thing["spec"]["rules"]
    tls["hosts"], tls["secretName"], rule["host"] = ["MARK-host"], "MARK-tls", "MARK-host"


def mark_hpa(thing):
    thing["spec"] |= {"minReplicas": "MARK-min", "maxReplicas": "MARK-max"}


def mark_keda(thing):
    spec = thing["spec"]
    spec |= {"minReplicaCount": "MARK-min", "maxReplicaCount": "MARK-max"}
    for trigger in spec["triggers"]:
        if trigger["type"] == "prometheus":
            trigger["metadata"]["serverAddress"] = "MARK-prometheus"
    spec["triggers"] = [t for t in spec["triggers"] if t["type"] != "cron"] + ["MARK-planned"]


MARKS = {"Deployment": mark_deployment, "Ingress": mark_ingress, "HorizontalPodAutoscaler": mark_hpa,
         "ScaledObject": mark_keda}


def defaults():
    """What values.yaml has to say for the chart to be the overlays."""
    deployment, ingress = of(built("prod"), "Deployment"), of(built("prod"), "Ingress")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    keda = of(built("keda"), "ScaledObject")["spec"]
    triggers = {t["type"]: t["metadata"] for t in keda["triggers"]}
    return {"image": container["image"], "replicas": deployment["spec"]["replicas"], "resources": container["resources"],
            "keysSecret": container["env"][0]["valueFrom"]["secretKeyRef"]["name"], "store": "", "options": {},
            "host": ingress["spec"]["rules"][0]["host"], "tlsSecret": ingress["spec"]["tls"][0]["secretName"],
            "autoscaling": {"by": "none", "min": keda["minReplicaCount"], "max": keda["maxReplicaCount"],
                            "prometheus": triggers["prometheus"]["serverAddress"], "planned": [triggers["cron"]]}}


def template(thing):
    if thing["kind"] in MARKS:
        MARKS[thing["kind"]](thing)
    thing["metadata"]["namespace"] = "MARK-namespace"
    text = yaml.dump(thing, Dumper=Dumper, sort_keys=False, width=200)
    for mark, lines in LINES.items():
        text = re.sub(rf"(?m)^( *){re.escape(mark)}$",
                      lambda found, lines=lines: "\n".join(found.group(1) + line for line in lines.splitlines()), text)
    for mark, value in VALUES.items():
        text = text.replace(mark, f"{{{{ {value} }}}}")
    assert "MARK-" not in text, text
    return text


def wanted():
    """The text of each file by its name."""
    files = {}
    for thing in built("prod"):
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", thing["kind"]).lower() + ".yaml"
        files[name] = files[name] + "---\n" + template(thing) if name in files else template(thing)
    for by, kind in (("hpa", "HorizontalPodAutoscaler"), ("keda", "ScaledObject")):
        files[f"{by}.yaml"] = (f'{{{{- if eq .Values.autoscaling.by "{by}" }}}}\n{template(of(built(by), kind))}'
                               "{{- end }}\n")
    return {name: HEAD + text for name, text in files.items()}


def main():
    files = wanted()
    if sys.argv[1:] == ["--check"]:
        there = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES.iterdir()}
        other = sorted(name for name in files.keys() | there.keys() if files.get(name) != there.get(name))
        print("".join(f"{name} is not what generate.py writes\n" for name in other), end="", file=sys.stderr)
        return 1 if other else 0
    for name, text in files.items():
        (TEMPLATES / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
