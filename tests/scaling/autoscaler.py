"""How Kubernetes decides the number of pods: the HorizontalPodAutoscaler's algorithm (autoscaling/v2), and what KEDA
tells it when Prometheus does not answer. Time is passed in; nothing here asks or waits.

Pods that are not ready yet or have no figure are not looked at apart: here a node counts once it is ready.
"""

import math
from fractions import Fraction

TOLERANCE = 0.1  # of the controller, unless its operators say otherwise
DEFAULTS = {
    "scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Max",
                "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15},
                             {"type": "Percent", "value": 100, "periodSeconds": 15}]},
    "scaleDown": {"stabilizationWindowSeconds": 300, "selectPolicy": "Max",
                  "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]},
}


def number_of(quantity):
    """Of a quantity as manifests write it: 500m is a half."""
    text = str(quantity)
    return float(Fraction(text[:-1]) / 1000 if text.endswith("m") else Fraction(text))


def proposed(current, total, target):
    """How many pods one metric asks for: its total over all pods, of which each is to have `target`."""
    if current and abs(total / (target * current) - 1) <= TOLERANCE:
        return current
    # A hair above a whole number is what floating point made of that number.
    return math.ceil(round(total / target, 9))


class Autoscaler:
    """Of one Deployment. decide() is asked at every turn of the controller, and remembers what it has said."""

    def __init__(self, least, most, behavior=None):
        self.least, self.most = least, most
        self.rules = {way: {**DEFAULTS[way], **(behavior or {}).get(way, {})} for way in DEFAULTS}
        self.said = []     # (when, how many were wanted), before policies had their say
        self.changes = []  # (when, by how many)

    def decide(self, now, current, proposals):
        """How many there are to be. One proposal a metric; None is a metric that could not be asked."""
        known = [p for p in proposals if p is not None]
        wanted = max(known, default=current)
        if len(known) < len(proposals):
            wanted = max(wanted, current)  # what is not known may be the reason for those who run
        wanted = self.within_policies(now, current, self.steadied(now, current, wanted))
        wanted = min(max(wanted, self.least), self.most)
        if wanted != current:
            self.changes.append((now, wanted - current))
        return wanted

    def steadied(self, now, current, wanted):
        """More only when that was wanted during the whole window for more, fewer likewise."""
        self.said.append((now, wanted))
        windows = {way: self.rules[way]["stabilizationWindowSeconds"] for way in self.rules}
        self.said = [(when, count) for when, count in self.said if now - when <= max(windows.values())]

        def lately(way):
            return [count for when, count in self.said if now - when < windows[way] or when == now]

        at_least, at_most = min(lately("scaleUp")), max(lately("scaleDown"))
        return min(max(current, at_least), at_most)

    def within_policies(self, now, current, wanted):
        if wanted > current:
            return min(wanted, self.limit("scaleUp", now, current))
        if wanted < current:
            return max(wanted, self.limit("scaleDown", now, current))
        return current

    def limit(self, way, now, current):
        """How many there may be by the policies, each of which looks at what happened in its own period."""
        rule = self.rules[way]
        if rule["selectPolicy"] == "Disabled":
            return current
        sign = 1 if way == "scaleUp" else -1
        limits = []
        for policy in rule["policies"]:
            began_with = current - sum(by for when, by in self.changes if now - when < policy["periodSeconds"])
            step = policy["value"] if policy["type"] == "Pods" else began_with * policy["value"] / 100
            limits.append(math.ceil(began_with + sign * step))
        furthest = (max if way == "scaleUp" else min)(limits)
        nearest = (min if way == "scaleUp" else max)(limits)
        allowed = furthest if rule["selectPolicy"] == "Max" else nearest
        return max(current, allowed) if way == "scaleUp" else min(current, allowed)


class Keda_trigger:
    """One Prometheus trigger of a ScaledObject: value() is the total that the autoscaler is told, None an error."""

    def __init__(self, threshold, fallback=None):
        self.threshold, self.fallback = threshold, fallback
        self.failures = 0

    def value(self, answer, current):
        """`answer`: what Prometheus said, None when it did not."""
        if answer is not None:
            self.failures = 0
            return answer
        self.failures += 1
        if self.fallback is None or self.failures <= self.fallback["failureThreshold"]:
            return None
        return self.threshold * self.replicas_without_prometheus(current)

    def replicas_without_prometheus(self, current):
        kept = self.fallback["replicas"]
        behavior = self.fallback.get("behavior", "static")
        if behavior == "static":
            return kept
        if behavior == "currentReplicas":
            return current
        if behavior == "currentReplicasIfHigher":
            return max(kept, current)
        if behavior == "currentReplicasIfLower":
            return min(kept, current)
        raise ValueError(f"a fallback of behavior {behavior}")
