"""Where and with what the lab ran."""

import contextlib
import os
import pathlib
import platform
import subprocess


def first_line(*command, cwd=None):
    with contextlib.suppress(OSError):
        done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False)
        return (done.stdout or done.stderr).strip().partition("\n")[0]
    return ""


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def system():
    lines = dict(line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines() if "=" in line)
    return lines.get("PRETTY_NAME", "").strip('"')


def described(root, binary, peers):
    changed = first_line("git", "status", "--porcelain", "--untracked-files=no", cwd=root)
    found = {"nginx": first_line("/usr/sbin/nginx", "-v"), "redis": first_line("redis-server", "--version"),
             "node": first_line("node", "--version")}
    for name in ("fastify", "ioredis", "ws"):
        with contextlib.suppress(OSError):
            lines = (peers / "node_modules" / name / "package.json").read_text().splitlines()
            found[name] = next(line.split('"')[3] for line in lines if line.strip().startswith('"version"'))
    with contextlib.suppress(OSError):
        wanted = (root / "bench/peers/centrifuge/go.mod").read_text().partition("centrifugal/centrifuge ")[2]
        found["centrifuge"] = f"{wanted.partition(chr(10))[0]}, {first_line('go', 'env', 'GOVERSION')}" if (peers / "centrifuge").exists() else ""
    return {"processor": processor(), "cores": os.cpu_count(), "system": system(), "kernel": platform.release(),
            "load_before": round(os.getloadavg()[0], 1), "tallycast": first_line(binary, "--version"),
            "commit": first_line("git", "rev-parse", "--short", "HEAD", cwd=root) + (" with changes" if changed else ""),
            "versions": {name: text for name, text in found.items() if text}}
