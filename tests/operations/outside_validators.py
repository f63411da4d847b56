#!/usr/bin/env python3
"""By hand, where these tools can be had: what others say of deploy/k8s.

  outside_validators.py <kustomize> <kubernetes-validate> [<version of Kubernetes>]

Builds every folder with the real kustomize, compares it with what our own builder makes of it, and has
kubernetes-validate (PyPI) look at it strictly.
"""

import pathlib
import subprocess
import sys
import tempfile

import yaml

import kustomize

K8S = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "k8s"


def by_name(things):
    return {(t["kind"], t["metadata"]["name"]): t for t in things if t}


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    tool, validator, *version = sys.argv[1:]
    bad = 0
    for folder in [K8S / "base", *sorted(p for p in (K8S / "overlays").iterdir() if p.is_dir())]:
        built = subprocess.run([tool, "build", folder], capture_output=True, text=True, check=True).stdout
        same = by_name(yaml.safe_load_all(built)) == by_name(kustomize.build(folder))
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(built)
            file.flush()
            said = subprocess.run([validator, "--strict", "-k", (version or ["1.33"])[0], file.name],
                                  capture_output=True, text=True, check=False)
        wrong = [line for line in (said.stdout + said.stderr).splitlines() if line.startswith("ERROR")]
        print(f"{folder.name}: {'as' if same else 'NOT as'} our builder makes it; "
              f"{len(wrong)} errors" + "".join(f"\n  {line}" for line in wrong))
        bad += (not same) + len(wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
