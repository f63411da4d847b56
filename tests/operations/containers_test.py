#!/usr/bin/env python3
"""docker/ and deploy/ecs fit the program, each other and what they are copies of."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

import node
from dashboards_test import ROOT, program
from node import PATIENCE

DOCKER = ROOT / "docker"
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
NODE = COMPOSE["services"]["node-1"]
DOCKERFILE = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
TASK = json.loads((ROOT / "deploy/ecs/task_definition.json").read_text(encoding="utf-8"))["containerDefinitions"][0]
MANUAL = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def clean_environment(**more):
    return {k: v for k, v in os.environ.items() if not k.startswith("TALLYCAST_")} | more


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def accepted(self, *command, **options):
        ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, **options)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        return ran.stdout

    def node_takes(self, environment):
        """The options are good: it goes on to ask a node, and finds none."""
        ran = subprocess.run([node.program(), "healthcheck"], capture_output=True, text=True, timeout=PATIENCE,
                             env=clean_environment(**environment, TALLYCAST_OPS_LISTEN="127.0.0.1:1"), check=False)
        self.assertEqual((ran.returncode, "does not answer" in ran.stderr), (1, True), ran.stderr)

    def made_keys(self):
        shutil.copy(DOCKER / "keys", self.folder)
        self.accepted(self.folder / "keys")
        text = (self.folder / ".env").read_text(encoding="utf-8")
        self.assertEqual((self.folder / ".env").stat().st_mode & 0o077, 0)
        self.accepted(self.folder / "keys")
        self.assertEqual((self.folder / ".env").read_text(encoding="utf-8"), text, "keys that are there stay")
        return dict(line.split("=", 1) for line in text.splitlines())


class Compose(Case):
    def test_compose_accepts_it_with_keys_and_not_without(self):
        for name in ("compose.yaml",):
            shutil.copy(DOCKER / name, self.folder)
        command = [program("docker-compose"), "-f", self.folder / "compose.yaml", "config", "-q"]
        without = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False,
                                 env=clean_environment())
        self.assertNotEqual(without.returncode, 0)
        self.assertIn("docker/keys", without.stderr)
        self.made_keys()
        self.accepted(*command, cwd=self.folder, env=clean_environment())

    def test_nodes_take_what_they_are_given(self):
        keys = self.made_keys()
        given = {name: re.sub(r"\$\{(\w+):\?[^}]*\}", lambda m: keys[m.group(1)], value)
                 for name, value in NODE["environment"].items()}
        self.node_takes(given)
        (subnet,) = [c["subnet"] for c in COMPOSE["networks"]["inside"]["ipam"]["config"]]
        self.assertEqual(given["TALLYCAST_TRUSTED_PROXIES"], subnet)
        self.assertEqual(COMPOSE["services"]["node-1"], COMPOSE["services"]["node-2"])

    def test_mounted_files_are_there(self):
        for name, service in COMPOSE["services"].items():
            for mount in service.get("volumes", []):
                source = mount.split(":")[0]
                if source.startswith("."):
                    self.assertTrue((DOCKER / source).exists(), f"{name}: {source}")
                else:
                    self.assertIn(source, COMPOSE["volumes"])

    def test_a_node_has_time_to_drain(self):
        drain = re.search(r"### `--drain-timeout`.*?Default: `(\d+)s`", MANUAL, re.DOTALL).group(1)
        self.assertGreater(int(NODE["stop_grace_period"].rstrip("s")), int(drain))

    def test_haproxy_is_the_documented_one_and_accepted(self):
        def core(file, servers):
            text = file.read_text(encoding="utf-8")
            text = text[text.index("\nglobal\n"):]
            return re.sub(r"bind :\d+", "bind", re.sub(servers, "", text))
        ours = core(DOCKER / "haproxy.cfg", r"    server node-.*\n")
        self.assertEqual(ours, core(ROOT / "deploy/haproxy/tallycast.cfg", r"    server node-.*\n"))
        text = (DOCKER / "haproxy.cfg").read_text(encoding="utf-8")
        servers = re.findall(r"server (\S+) (\S+):8080 check port 8081", text)
        self.assertEqual(servers, [(n, n) for n in COMPOSE["services"] if n.startswith("node-")])
        text = re.sub(r"(server \S+) \S+:8080", r"\1 127.0.0.1:8080", text).replace("maxconn 9000", "maxconn 100")
        (self.folder / "haproxy.cfg").write_text(text)
        self.accepted(program("haproxy"), "-c", "-q", "-f", self.folder / "haproxy.cfg")

    def test_prometheus_watches_every_node_with_the_rules(self):
        shutil.copy(DOCKER / "prometheus.yaml", self.folder)
        shutil.copy(ROOT / "deploy/prometheus/rules.yaml", self.folder)
        self.accepted(program("promtool"), "check", "config", self.folder / "prometheus.yaml")
        plan = yaml.safe_load((DOCKER / "prometheus.yaml").read_text(encoding="utf-8"))
        (job,) = plan["scrape_configs"]
        self.assertEqual(job["job_name"], "tallycast")
        self.assertEqual(job["static_configs"][0]["targets"],
                         [f"{name}:8081" for name in COMPOSE["services"] if name.startswith("node-")])

    def test_grafana_finds_dashboards_and_prometheus(self):
        provisioning = DOCKER / "grafana" / "provisioning"
        (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text())["datasources"]
        self.assertEqual(source["url"], "http://prometheus:9090")
        (provider,) = yaml.safe_load((provisioning / "dashboards/tallycast.yaml").read_text())["providers"]
        grafana = COMPOSE["services"]["grafana"]
        mounts = dict(m.split(":")[1::-1] for m in grafana["volumes"])
        dashboards = DOCKER / mounts[provider["options"]["path"]]
        home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
        self.assertTrue((dashboards / pathlib.Path(home).name).exists())
        self.assertEqual(str(pathlib.Path(home).parent), provider["options"]["path"])


class Image(Case):
    def test_what_is_copied_is_there_and_what_is_run_exists(self):
        for source in re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE):
            self.assertTrue((ROOT / source).exists(), source)
        usage = self.accepted(node.program(), "--help")
        self.assertEqual(re.findall(r'^ENTRYPOINT \["tallycast", "(\w+)"\]', DOCKERFILE, re.MULTILINE), ["serve"])
        self.assertIn('CMD ["tallycast", "healthcheck"]', DOCKERFILE)
        for command in ("serve", "healthcheck"):
            self.assertIn(f"tallycast {command} ", usage)
        for variable in re.findall(r"\b(TALLYCAST_[A-Z_]+)=", DOCKERFILE):
            self.assertIn(f"`{variable}`", MANUAL)
        self.assertRegex(DOCKERFILE, r"(?m)^USER \d+$")

    def test_the_packages_of_the_program_have_all_its_libraries(self):
        named = self.accepted(DOCKER / "packages", node.program()).split()
        self.assertFalse([name for name in named if name.endswith("-dev")])
        there = {pathlib.Path(file).name for file in self.accepted("dpkg-query", "-L", *named).splitlines()}
        libraries = re.findall(r"(\S+) => /", self.accepted("ldd", node.program()))
        self.assertIn("libbrotlienc.so.1", libraries)
        self.assertEqual([library for library in libraries if library not in there], [])

    def test_no_packages_are_named_of_a_program_that_misses_a_library_or_has_one_of_nobody(self):
        (self.folder / "library.c").write_text("int ours(void) { return 0; }\n")
        (self.folder / "program.c").write_text("int ours(void);\nint main(void) { return ours(); }\n")
        library, linked = self.folder / "libours.so", self.folder / "program"
        self.accepted("gcc", "-shared", "-Wl,-soname,libours.so", "-o", library, self.folder / "library.c")
        self.accepted("gcc", "-o", linked, self.folder / "program.c", library, f"-Wl,-rpath,{self.folder}")
        for says in ("no package has ", "not found"):
            ran = subprocess.run([DOCKER / "packages", linked], capture_output=True, text=True, timeout=PATIENCE,
                                 check=False)
            self.assertEqual((ran.returncode, ran.stdout), (1, ""))
            self.assertIn(says, ran.stderr)
            library.unlink(missing_ok=True)

    def test_an_image_that_misses_a_library_is_not_built(self):
        (stage,) = re.findall(r"^FROM \S+ AS image\n(.*?)^USER ", DOCKERFILE, re.MULTILINE | re.DOTALL)
        self.assertRegex(stage, r"install -d .* /data && \\\n +tallycast --version\n")


class Parts(Case):
    """docker/sbom.mjs on this machine's packages; its form has been held to CycloneDX's own validator by hand."""

    STATUS = """Package: libone
Status: install ok installed
Architecture: amd64
Version: 1:2.0+ds-1~deb13u1

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1
"""

    def printed(self, image, build):
        return json.loads(self.accepted(program("node"), DOCKER / "sbom.mjs", image, build))

    def test_an_image_is_its_packages_the_headers_and_the_pages(self):
        image = self.folder / "status"
        image.write_text(self.STATUS)
        bom = self.printed(image, "/var/lib/dpkg/status")
        self.assertEqual((bom["bomFormat"], bom["specVersion"]), ("CycloneDX", "1.6"))
        self.assertRegex(bom["serialNumber"], r"^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$")
        by_how = {}
        for part in bom["components"]:
            by_how.setdefault(part["properties"][0]["value"], []).append(part)
        self.assertEqual([(p["name"], p["version"], p["purl"]) for p in by_how["in the image"]],
                         [("libone", "1:2.0+ds-1~deb13u1", "pkg:deb/debian/libone@1%3A2.0%2Bds-1~deb13u1?arch=amd64")])
        headers = {p["name"]: p["version"] for p in by_how["built with its headers"]}
        self.assertEqual(headers["nlohmann-json3-dev"],
                         self.accepted("dpkg-query", "-W", "-f", "${Version}", "nlohmann-json3-dev"))
        lock = json.loads((ROOT / "web/package-lock.json").read_text(encoding="utf-8"))["packages"]
        self.assertEqual({p["name"]: p["version"] for p in by_how["in the pages"]},
                         {name: lock[f"node_modules/{name}"]["version"] for name in ("preact", "uplot")})
        self.assertTrue(all(p["scope"] == "excluded" for p in by_how["built with"]))
        references = [p["bom-ref"] for p in bom["components"]]
        self.assertEqual(len(references), len(set(references)))
        (whole,) = bom["dependencies"]
        self.assertLessEqual(set(whole["dependsOn"]), set(references))
        self.assertEqual(whole["ref"], bom["metadata"]["component"]["bom-ref"])

    def test_the_same_packages_print_the_same_and_none_are_an_error(self):
        status = "/var/lib/dpkg/status"
        self.assertEqual(self.printed(status, status), self.printed(status, status))
        empty = self.folder / "empty"
        empty.write_text("")
        ran = subprocess.run([program("node"), DOCKER / "sbom.mjs", empty, status], capture_output=True, text=True,
                             timeout=PATIENCE, check=False)
        self.assertNotEqual(ran.returncode, 0)
        self.assertIn("no package is installed there", ran.stderr)

    def test_the_image_holds_it(self):
        self.assertRegex(DOCKERFILE, r"(?m)^RUN node docker/sbom\.mjs /image\.status /var/lib/dpkg/status >/sbom\.cdx\.json$")
        self.assertTrue(DOCKERFILE.rstrip().endswith("COPY --from=parts /sbom.cdx.json /usr/local/share/tallycast/"))
        self.assertEqual(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)[-1], "image")


class Ecs(Case):
    def test_a_task_takes_what_it_is_given_and_has_time_to_drain(self):
        given = {v["name"]: v["value"] for v in TASK["environment"]}
        keys = self.made_keys()
        secrets = {"TALLYCAST_STORE": "redis://redis:6379", "TALLYCAST_OPERATOR_KEY": keys["OPERATOR_KEY"],
                   "TALLYCAST_TOKEN_KEYS": keys["TOKEN_KEYS"]}
        self.assertEqual({s["name"] for s in TASK["secrets"]}, set(secrets))
        self.node_takes(given | secrets)
        self.assertGreater(TASK["stopTimeout"], int(given["TALLYCAST_DRAIN_TIMEOUT"].rstrip("s")) + 5)
        self.assertEqual(TASK["healthCheck"]["command"], ["CMD", "tallycast", "healthcheck"])

    def test_the_service_names_the_task_and_scales_by_the_same_figures(self):
        service = json.loads((ROOT / "deploy/ecs/service.json").read_text(encoding="utf-8"))
        (balancer,) = service["loadBalancers"]
        self.assertEqual(balancer["containerName"], TASK["name"])
        self.assertIn(balancer["containerPort"], [p["containerPort"] for p in TASK["portMappings"]])
        self.assertEqual(service["deploymentConfiguration"]["minimumHealthyPercent"], 100)
        scaling = json.loads((ROOT / "deploy/ecs/scaling.json").read_text(encoding="utf-8"))
        targets = [p["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] for p in scaling["policies"]]
        self.assertEqual(targets, [50.0, 10000.0])


if __name__ == "__main__":
    unittest.main()
