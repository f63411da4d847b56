#!/usr/bin/env python3
"""Which module may include what: the tables below against every #include of the tree.

The build keeps modules from each other's headers (cmake/module.cmake), but all third-party headers lie
in one system folder, where only this check can tell them apart. It also reads CMakeLists.txt, so that the
table here and the arrows there cannot drift apart.

    check_arrows.py [<source tree>]      exit 0 when every include is allowed, 1 and one line a fault otherwise
"""

import pathlib
import re
import sys

MAY_USE = {
    "base": "",
    "domain": "base",
    "ports": "domain base",
    "app": "ports domain base",
    "wire": "app ports domain base",
    "net": "wire app ports domain base",
    "embedded": "ports domain base",
    "redis": "ports domain base",
    "telemetry": "ports domain base",
    "config": "base",
    "server": "net wire app embedded redis telemetry config ports domain base",
}

# The program is the server and, as `tallycast bench`, the load generator.
PROGRAM = "src/server/main.cpp"
PROGRAM_MAY_USE = "load"

# Every third-party library, by the beginnings of its headers' names. Of two that match the longer wins.
LIBRARIES = {
    "boost": ["boost/"],
    "boost.system": ["boost/system/"],
    "asio": ["boost/asio/", "boost/asio.hpp"],
    "beast": ["boost/beast/", "boost/beast.hpp"],
    "boost.intrusive": ["boost/intrusive/"],
    "boost.json": ["boost/json/", "boost/json.hpp"],
    "nlohmann": ["nlohmann/"],
    "sqlite": ["sqlite3"],
    "spdlog": ["spdlog/", "fmt/"],
    "prometheus": ["prometheus/"],
    "openssl": ["openssl/"],
    "cli11": ["CLI/"],
    "toml++": ["toml++/", "toml.hpp"],
    "hiredis": ["hiredis/"],
    "utf8proc": ["utf8proc"],
    "qrencode": ["qrencode"],
    "zlib": ["zlib.h"],
    "brotli": ["brotli/"],
}

# boost.system is the vocabulary of errors and, like the language's own library, everybody's.
MAY_INCLUDE = {
    "base": "boost.system",
    "domain": "boost.system",
    "ports": "boost.system asio",
    "app": "boost.system asio openssl",
    "wire": "boost.system nlohmann boost.json utf8proc qrencode",
    "net": "boost.system boost.intrusive asio beast openssl zlib brotli",
    "embedded": "boost.system asio sqlite",
    "redis": "boost.system asio hiredis nlohmann openssl",
    "telemetry": "boost.system spdlog prometheus",
    "config": "boost.system cli11 toml++",
    "server": "boost.system asio",
}

# Libraries a module keeps behind one door, and headers that are all a module may have of a library.
ONLY_IN = {
    ("app", "openssl"): r"crypto(_\w+)?\.(hpp|cpp)",
    ("net", "openssl"): r"tls\.cpp",
    ("net", "zlib"): r"compression\.cpp",
    ("net", "brotli"): r"compression\.cpp",
    ("redis", "openssl"): r"transport\.cpp",
    ("redis", "hiredis"): r"(command|reply_reader)\.cpp",
}
ONLY_HEADERS = {("ports", "asio"): {"boost/asio/awaitable.hpp", "boost/asio/any_io_executor.hpp"}}

# What the compiler and the system bring along is everybody's.
SYSTEM = re.compile(r"(sys|netinet|arpa|linux)/\w+\.h|\w+\.h|\w+")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
ARROW = re.compile(r"^tallycast_module\((\w+)([^)]*)\)", re.MULTILINE)


def library_of(name):
    matching = [(len(start), library) for library, starts in LIBRARIES.items() for start in starts
                if name.startswith(start)]
    return max(matching)[1] if matching else None


def fault_of_project_header(module, name, file):
    used = name.split("/")[1]
    if used in PROGRAM_MAY_USE.split() and file.as_posix().endswith("/" + PROGRAM):
        return None
    if used != module and used not in MAY_USE[module].split():
        return f"{module} may not use {used}"
    return None


def fault_of_library(module, library, name, file):
    if library not in MAY_INCLUDE[module].split():
        return f"{module} may not use {library}"
    door = ONLY_IN.get((module, library))
    if door and not re.fullmatch(door, file.name):
        return f"in {module} only {door} may use {library}"
    headers = ONLY_HEADERS.get((module, library))
    if headers and name not in headers:
        return f"{module} may use no more of {library} than {', '.join(sorted(headers))}"
    return None


def fault(module, quote, name, file):
    """What is wrong with this one include, or None."""
    if ".." in name.split("/"):
        return "no `..` in an include"
    if quote == '"':
        beside = (file.parent / name).is_file() and "/" not in name
        return None if beside else "a quoted include names a file of the same folder; others are <full/path>"
    if name.startswith("tallycast/"):
        return fault_of_project_header(module, name, file)
    library = library_of(name)
    if library:
        return fault_of_library(module, library, name, file)
    return None if SYSTEM.fullmatch(name) else "a library this check does not know: give it a line in its table"


def faults_of_includes(tree):
    for module in MAY_USE:
        for folder in (tree / "include" / "tallycast" / module, tree / "src" / module):
            for file in sorted([*folder.rglob("*.hpp"), *folder.rglob("*.cpp")]):
                text = file.read_text(encoding="utf-8")
                for match in INCLUDE.finditer(text):
                    wrong = fault(module, match[1], match[2], file)
                    if wrong:
                        line = text.count("\n", 0, match.start(2)) + 1
                        yield f"{file.relative_to(tree)}:{line}: {match[2]}: {wrong}"


def faults_of_tables(tree):
    declared = {}
    for module, body in ARROW.findall((tree / "CMakeLists.txt").read_text(encoding="utf-8")):
        words = re.split(r"\bTHIRD_PARTY\b", body)[0].split()
        declared[module] = {word for word in words if word != "MAY_USE"}
    for module in sorted({*declared, *MAY_USE}):
        if declared.get(module) != (set(MAY_USE[module].split()) if module in MAY_USE else None):
            yield f"CMakeLists.txt: {module}: its arrows are not those of tests/arrows/check_arrows.py"
    for folder in sorted((tree / "src").iterdir()) + sorted((tree / "include" / "tallycast").iterdir()):
        if folder.is_dir() and folder.name not in MAY_USE:
            yield f"{folder.relative_to(tree)}: a folder that is no module"


def main():
    tree = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    faults = [*faults_of_tables(tree), *faults_of_includes(tree)]
    for line in faults:
        print(line)
    print(f"{len(faults)} wrong arrows" if faults else "every include follows an arrow")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
