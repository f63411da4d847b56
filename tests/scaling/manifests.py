"""What the autoscalers of deploy/k8s are told to ask and to do, read from the manifests themselves."""

import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "operations"))
import kustomize  # noqa: E402
from autoscaler import number_of  # noqa: E402

OVERLAYS = ROOT / "deploy" / "k8s" / "overlays"
NAMESPACE = "tallycast"


def the_only(kind, overlay):
    (found,) = [thing for thing in kustomize.build(OVERLAYS / overlay) if thing["kind"] == kind]
    return found["spec"]


class Keda:
    """The ScaledObject: `prometheus` is (query, threshold) of each of its triggers that asks Prometheus."""

    def __init__(self):
        spec = the_only("ScaledObject", "keda")
        self.least, self.most = spec["minReplicaCount"], spec["maxReplicaCount"]
        self.fallback = spec["fallback"]
        self.behavior = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
        self.prometheus = [(t["metadata"]["query"], number_of(t["metadata"]["threshold"]))
                           for t in spec["triggers"] if t["type"] == "prometheus"]


class Hpa:
    """The HorizontalPodAutoscaler with the adapter's rules: `metrics` is (query, target) of each."""

    def __init__(self):
        spec = the_only("HorizontalPodAutoscaler", "hpa")
        self.least, self.most = spec["minReplicas"], spec["maxReplicas"]
        self.behavior = spec["behavior"]
        rules = {rule["name"]["as"]: rule
                 for rule in yaml.safe_load((OVERLAYS / "hpa" / "adapter_rules.yaml").read_text(encoding="utf-8"))}
        self.metrics = [(query_of(rules[m["pods"]["metric"]["name"]]), number_of(m["pods"]["target"]["averageValue"]))
                        for m in spec["metrics"]]


def query_of(rule):
    """What the Prometheus adapter makes of a rule when it is asked for all pods: a value for each of them."""
    series, matchers = re.fullmatch(r"(.+?)\{(.*)\}", rule["seriesQuery"]).groups()
    labels = rule["resources"]["overrides"]
    (pod,) = [label for label, to in labels.items() if to == {"resource": "pod"}]
    (namespace,) = [label for label, to in labels.items() if to == {"resource": "namespace"}]
    asked = f'{matchers}, {namespace}="{NAMESPACE}", {pod}=~".+"'
    return (rule["metricsQuery"].replace("<<.Series>>", series).replace("<<.LabelMatchers>>", asked)
            .replace("<<.GroupBy>>", pod))


class Manifests:
    """`overload`: how many times the connections that a node is scaled by it takes before it refuses any."""

    def __init__(self):
        self.keda, self.hpa = Keda(), Hpa()
        config = (ROOT / "deploy" / "k8s" / "base" / "tallycast.toml").read_text(encoding="utf-8")
        self.overload = int(re.search(r"(?m)^max-connections = (\d+)$", config)[1]) / self.keda.prometheus[1][1]
