#!/usr/bin/env python3
"""deploy/k8s builds, and what it builds fits together: ports, labels, names, times, rights, queries."""

import base64
import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

import kustomize
import node
from dashboards_test import ROOT, names_in, rules

K8S = ROOT / "deploy" / "k8s"
FOLDERS = [K8S / "base", *sorted(p for p in (K8S / "overlays").iterdir() if p.is_dir())]
SINGLE = K8S / "single-node.yaml"
WORKLOADS = ("Deployment", "StatefulSet", "Job")


def builds():
    made = {folder.name: kustomize.build(folder) for folder in FOLDERS}
    made["single-node"] = [thing for thing in yaml.safe_load_all(SINGLE.read_text(encoding="utf-8")) if thing]
    return made


BUILDS = builds()


def of(build, *kinds):
    return [thing for thing in BUILDS[build] if thing["kind"] in kinds]


def pods():
    """Each workload's pod, by where it stands."""
    for build in BUILDS:
        for thing in of(build, *WORKLOADS):
            yield f"{build}: {thing['kind']} {thing['metadata']['name']}", thing["spec"]["template"]


def containers():
    for where, pod in pods():
        for container in pod["spec"]["containers"]:
            yield f"{where}, {container['name']}", pod, container


def labels_fit(selector, labels):
    return bool(selector) and selector.items() <= labels.items()


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text).group(1))


class Form(unittest.TestCase):
    def test_names_are_unique_and_objects_whole(self):
        for build, things in BUILDS.items():
            names = [(t["apiVersion"], t["kind"], t["metadata"]["name"]) for t in things]
            self.assertEqual(len(names), len(set(names)), build)

    def test_a_kustomization_we_cannot_build_is_an_error(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "kustomization.yaml").write_text("namePrefix: some-\n")
            with self.assertRaises(kustomize.Unknown):
                kustomize.build(folder)

    def test_generated_names_are_referred_to(self):
        for build in BUILDS:
            generated = {t["metadata"]["name"] for t in of(build, "ConfigMap", "Secret")}
            text = json.dumps(of(build, *WORKLOADS))
            for name in generated - {"tallycast-dashboards"}:
                self.assertIn(f'"name": "{name}"', text, build)

    def test_what_the_operator_gets_is_what_the_rules_say(self):
        done = subprocess.run([sys.executable, K8S / "overlays/monitoring/generate.py", "--check"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        (rule,) = of("monitoring", "PrometheusRule")
        self.assertEqual([r for g in rule["spec"]["groups"] for r in g["rules"]], rules("expr"))
        (dashboards,) = of("monitoring", "ConfigMap")
        there = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "deploy/grafana/dashboards").glob("*.json")}
        self.assertEqual(dashboards["data"], there)


class Pods(unittest.TestCase):
    def test_all_are_restricted(self):
        for where, pod, container in containers():
            with self.subTest(where):
                spec, own = pod["spec"]["securityContext"], container["securityContext"]
                self.assertTrue(spec["runAsNonRoot"] and spec["runAsUser"] > 0)
                self.assertEqual(spec["seccompProfile"], {"type": "RuntimeDefault"})
                self.assertEqual((own["allowPrivilegeEscalation"], own["readOnlyRootFilesystem"],
                                  own["capabilities"]), (False, True, {"drop": ["ALL"]}))
                self.assertFalse(pod["spec"].get("automountServiceAccountToken", True))
                for forbidden in ("hostNetwork", "hostPID", "hostIPC"):
                    self.assertNotIn(forbidden, pod["spec"])

    def test_all_ask_for_what_they_need_and_no_more_memory_than_they_may(self):
        for where, _, container in containers():
            with self.subTest(where):
                self.assertLessEqual({"cpu", "memory"}, container["resources"]["requests"].keys())
                self.assertIn("memory", container["resources"]["limits"])
                self.assertNotIn("cpu", container["resources"]["limits"])

    def test_probes_ask_a_port_that_is_there(self):
        for where, pod, container in containers():
            if pod["spec"].get("restartPolicy") == "OnFailure":
                continue  # a job
            named = {port["name"] for port in container["ports"]}
            for probe in ("readinessProbe", "livenessProbe"):
                for kind in ("httpGet", "tcpSocket"):
                    if kind in container[probe]:
                        self.assertIn(container[probe][kind]["port"], named, where)

    def test_probes_are_paths_of_the_operations_listener(self):
        with node.Node() as running:
            for where, _, container in containers():
                if container["name"] != "tallycast":
                    continue
                for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                    if probe in container:
                        path = container[probe]["httpGet"]["path"]
                        self.assertEqual(running.ops("GET", path).status, 200, where)
                self.assertEqual(container["readinessProbe"]["httpGet"]["path"], "/readyz")

    def test_production_runs_a_pinned_image(self):
        for build in ("prod", "keda", "hpa", "redis-cluster"):
            for thing in of(build, "Deployment"):
                image = thing["spec"]["template"]["spec"]["containers"][0]["image"]
                self.assertRegex(image, r":[\w.]*\d|@sha256:", build)
                self.assertNotIn(":latest", image)


class Wiring(unittest.TestCase):
    def test_selectors_find_pods_and_ports_of_services_are_theirs(self):
        for build, things in BUILDS.items():
            templates = [t["spec"]["template"] for t in of(build, *WORKLOADS)]
            for service in of(build, "Service"):
                found = [pod for pod in templates if labels_fit(service["spec"]["selector"], pod["metadata"]["labels"])]
                self.assertEqual(len(found), 1, service["metadata"]["name"])
                named = {p["name"] for c in found[0]["spec"]["containers"] for p in c["ports"]}
                for port in service["spec"]["ports"]:
                    self.assertIn(port["targetPort"], named)
            for kind, field in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector"),
                                ("Deployment", "selector"), ("StatefulSet", "selector")):
                for thing in of(build, kind):
                    wanted = thing["spec"][field]["matchLabels"]
                    self.assertTrue(any(labels_fit(wanted, pod["metadata"]["labels"]) for pod in templates),
                                    f"{build}: {kind} finds no pod")

    def test_the_monitor_finds_the_operations_service_and_calls_the_job_as_the_rules_do(self):
        (monitor,) = of("monitoring", "ServiceMonitor")
        wanted = monitor["spec"]["selector"]["matchLabels"]
        (service,) = [s for s in of("prod", "Service") if labels_fit(wanted, s["metadata"]["labels"])]
        (endpoint,) = monitor["spec"]["endpoints"]
        self.assertIn(endpoint["port"], {port["name"] for port in service["spec"]["ports"]})
        self.assertIn({"action": "replace", "targetLabel": "job", "replacement": "tallycast"}, endpoint["relabelings"])

    def test_ingress_leads_to_the_service_and_waits_longer_than_nodes_are_silent(self):
        for build in ("base", "prod"):
            (ingress,) = of(build, "Ingress")
            for rule in ingress["spec"]["rules"]:
                for path in rule["http"]["paths"]:
                    self.assertEqual(path["backend"]["service"], {"name": "tallycast", "port": {"name": "http"}})
            for time in ("read", "send"):
                self.assertGreater(
                    int(ingress["metadata"]["annotations"][f"nginx.ingress.kubernetes.io/proxy-{time}-timeout"]), 25)
        self.assertEqual(ingress["spec"]["tls"][0]["hosts"], [ingress["spec"]["rules"][0]["host"]])

    def test_a_pod_has_time_to_drain(self):
        config = (K8S / "base" / "tallycast.toml").read_text(encoding="utf-8")
        drain = seconds(re.search(r'^drain-timeout = "(\w+)"$', config, re.MULTILINE).group(1))
        for build in ("base", "dev", "prod", "keda", "hpa", "redis-cluster"):
            (deployment,) = of(build, "Deployment")
            pod = deployment["spec"]["template"]["spec"]
            command = pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][-1]
            slept = int(re.fullmatch(r"tallycast drain; sleep (\d+)", command).group(1))
            probe = pod["containers"][0]["readinessProbe"]
            self.assertGreater(slept, probe["periodSeconds"] * probe["failureThreshold"], build)
            self.assertGreaterEqual(pod["terminationGracePeriodSeconds"], slept + drain + 5, build)
            self.assertEqual(deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"], 0)


class Node(unittest.TestCase):
    def test_the_configuration_is_one_the_node_takes(self):
        (secret,) = of("dev", "Secret")
        keys = {k: base64.b64decode(v).decode() for k, v in secret["data"].items()}
        for build in ("dev", "base"):
            (config,) = of(build, "ConfigMap")
            with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
                file.write(config["data"]["tallycast.toml"])
                file.flush()
                environment = {k: v for k, v in os.environ.items() if not k.startswith("TALLYCAST_")}
                environment |= {"TALLYCAST_STORE": keys["store"], "TALLYCAST_OPERATOR_KEY": keys["operator-key"],
                                "TALLYCAST_TOKEN_KEYS": keys["token-keys"]}
                # It finds no node, but says nothing against the options.
                ran = subprocess.run([node.program(), "healthcheck", "--config", file.name, "--ops-listen", "127.0.0.1:1"],
                                     env=environment, capture_output=True, text=True, timeout=30, check=False)
                self.assertEqual(ran.returncode, 1, ran.stderr)
                self.assertIn("The node does not answer", ran.stderr)

    def test_variables_are_options(self):
        manual = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
        for where, _, container in containers():
            for variable in container.get("env", []):
                if variable["name"].startswith("TALLYCAST_"):
                    self.assertIn(f"`{variable['name']}`", manual, where)

    def test_healthcheck_and_drain_do_what_their_names_say(self):
        with node.Node() as running:
            at = ["--ops-listen", f"127.0.0.1:{running.operations}"]

            def said(command):
                ran = subprocess.run([node.program(), command, *at], capture_output=True, text=True, timeout=30,
                                     check=False)
                return ran.returncode, ran.stdout + ran.stderr
            self.assertEqual(said("healthcheck"), (0, "ok\n"))
            self.assertEqual(said("drain"), (0, "draining\n"))
            self.assertEqual(said("healthcheck"), (1, "draining\n"))
            self.assertTrue(running.alive())


class Scaling(unittest.TestCase):
    def test_one_autoscaler_decides_and_no_manifest_beside_it(self):
        for build, kind in (("hpa", "HorizontalPodAutoscaler"), ("keda", "ScaledObject")):
            self.assertEqual([t["kind"] for t in of(build, "HorizontalPodAutoscaler", "ScaledObject")], [kind])
            (deployment,) = of(build, "Deployment")
            self.assertNotIn("replicas", deployment["spec"])

    def test_both_autoscalers_and_the_dashboard_mean_the_same(self):
        (hpa,), (keda,) = of("hpa", "HorizontalPodAutoscaler"), of("keda", "ScaledObject")
        self.assertEqual(hpa["spec"]["behavior"],
                         keda["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"])
        self.assertEqual((hpa["spec"]["minReplicas"], hpa["spec"]["maxReplicas"]),
                         (keda["spec"]["minReplicaCount"], keda["spec"]["maxReplicaCount"]))
        targets = [m["pods"]["target"]["averageValue"] for m in hpa["spec"]["metrics"]]
        triggers = [t["metadata"] for t in keda["spec"]["triggers"] if t["type"] == "prometheus"]
        self.assertEqual([t["threshold"] for t in triggers], ["0.5", "10000"])
        self.assertEqual(targets, ["500m", "10000"])
        scaling = (ROOT / "deploy/grafana/dashboards/scaling.json").read_text(encoding="utf-8")
        for trigger in triggers:
            (recorded,) = names_in(trigger["query"])
            self.assertRegex(scaling, rf"ceil\(sum\({recorded}\{{[^}}]*\}}\) / {re.escape(trigger['threshold'])}\)")

    def test_what_autoscalers_ask_for_is_recorded(self):
        recorded = {rule["record"] for rule in rules("record")}
        (keda,) = of("keda", "ScaledObject")
        asked = [t["metadata"]["query"] for t in keda["spec"]["triggers"] if t["type"] == "prometheus"]
        adapter = yaml.safe_load((K8S / "overlays/hpa/adapter_rules.yaml").read_text(encoding="utf-8"))
        asked += [rule["seriesQuery"] for rule in adapter]
        for query in asked:
            self.assertLessEqual(names_in(query), recorded)
        (hpa,) = of("hpa", "HorizontalPodAutoscaler")
        self.assertEqual([m["pods"]["metric"]["name"] for m in hpa["spec"]["metrics"]],
                         [rule["name"]["as"] for rule in adapter])

    def test_more_come_fast_and_few_go_slowly(self):
        behaviour = copy.deepcopy(of("hpa", "HorizontalPodAutoscaler")[0]["spec"]["behavior"])
        up = [p for p in behaviour["scaleUp"]["policies"] if p["type"] == "Percent"]
        self.assertEqual([(p["value"], p["periodSeconds"]) for p in up], [(200, 15)])
        (down,) = behaviour["scaleDown"]["policies"]
        (deployment,) = of("hpa", "Deployment")
        grace = deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        self.assertEqual((down["type"], down["value"]), ("Pods", 1))
        self.assertGreaterEqual(down["periodSeconds"], grace, "the next goes when the last has drained")


if __name__ == "__main__":
    unittest.main()
