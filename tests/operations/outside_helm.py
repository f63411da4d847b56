#!/usr/bin/env python3
"""For machines that have Helm, by hand:  tests/operations/outside_helm.py HELM

Has Helm look at the chart, compares what it renders with what the overlays build to, and tries the values that
change something. The everyday test (helm_test.py) holds the chart to its generator.
"""

import pathlib
import subprocess
import sys

import yaml

import kustomize

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
CHART = DEPLOY / "helm" / "tallycast"
OVERLAYS = {"none": "prod", "hpa": "hpa", "keda": "keda"}


def by_name(things):
    return {(t["kind"], t["metadata"]["name"]): t for t in things if t}


def rendered(helm, *values):
    """As Helm renders it; None where it refuses."""
    ran = subprocess.run([helm, "template", "tallycast", CHART, "--namespace", "tallycast", "--kube-version", "1.33",
                          *(word for value in values for word in ("--set", value))],
                         capture_output=True, text=True, check=False)
    return by_name(yaml.safe_load_all(ran.stdout)) if ran.returncode == 0 else None


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    helm = sys.argv[1]
    found = {"helm lint": subprocess.run([helm, "lint", "--strict", CHART], capture_output=True, check=False).returncode == 0}
    for by, overlay in OVERLAYS.items():
        same = rendered(helm, f"autoscaling.by={by}") == by_name(kustomize.build(DEPLOY / "k8s" / "overlays" / overlay))
        found[f"autoscaling.by={by} is overlays/{overlay}"] = same
    changed = rendered(helm, "replicas=7", "image=here/tallycast:2", "store=redis://redis:6379", "host=a.example.org",
                       "options.trusted-proxies=10.1.0.0/16", "resources.limits.memory=3Gi") or {}
    deployment = changed.get(("Deployment", "tallycast"), {"spec": None})["spec"]
    (container,) = deployment["template"]["spec"]["containers"]
    given = {v["name"]: v.get("value") for v in container["env"]}
    found["values arrive"] = (
        (deployment["replicas"], container["image"], container["resources"]["limits"]["memory"]) ==
        (7, "here/tallycast:2", "3Gi") and given["TALLYCAST_STORE"] == "redis://redis:6379" and
        given["TALLYCAST_TRUSTED_PROXIES"] == "10.1.0.0/16" and
        changed["Ingress", "tallycast"]["spec"]["tls"][0]["hosts"] == ["a.example.org"])
    found["wrong values are refused"] = not any(
        rendered(helm, wrong) for wrong in ("autoscaling.by=both", "replicas=0", "image=tallycast", "repicas=3"))
    for what, good in found.items():
        print(f"{'yes' if good else 'NO '}  {what}")
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
