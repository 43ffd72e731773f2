"""The files of `deploy/`, judged by the linters of their kinds and by what they say of Duramen."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from duramen.cli import app
from duramen.server.health import WATCHED
from duramen.server.settings import read, variables

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
OURS = "duramen"
"""The image whose containers run our command."""


def linted(package: str, *command: str) -> str:
    """Run a linter of PyPI on our files and return what it found."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"the linter {package} is not installed")
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False, cwd=ROOT)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def documents() -> list[Mapping[str, Any]]:
    paths = (path for path in KUBERNETES if path.name != "kustomization.yaml")
    return [one for path in paths for one in yaml.safe_load_all(path.read_text())]


def pods() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Go through what pods are made from, with the labels of each."""
    for one in documents():
        if one["kind"] in ("Deployment", "Job"):
            yield f"{one['kind']} {one['metadata']['name']}", one["spec"]["template"]


def containers() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, pod in pods():
        for container in pod["spec"]["containers"]:
            yield name, container


def ours() -> list[list[str]]:
    """Return the arguments with which manifests and the compose file run our image."""
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"].values()
    in_pods = [container["args"] for _, container in containers() if container["image"] == OURS]
    return [*in_pods, *(one["command"] for one in composed if one["image"].startswith(OURS))]


def environments() -> Iterator[Mapping[str, str]]:
    """Go through what containers of ours have in their environment, secrets left out."""
    settings = next(one for one in documents() if one["metadata"]["name"] == "duramen-settings")
    yield settings["data"]
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for one in services.values():
        if one["image"].startswith(OURS):
            yield one["environment"]


def test_yaml_is_neat() -> None:
    assert linted("yamllint", "yamllint", "--strict", "-c", "deploy/.yamllint", "deploy") == ""


def test_the_compose_file_is_one() -> None:
    assert (
        linted("check_jsonschema", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml")
        == ""
    )


def test_kubernetes_knows_every_field() -> None:
    paths = [str(path) for path in KUBERNETES if path.name != "kustomization.yaml"]

    assert linted("kubernetes_validate", "kubernetes_validate", "--strict", *paths) == ""


def test_kustomize_is_given_all_manifests_but_the_example() -> None:
    given = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())["resources"]

    assert sorted([*given, "kustomization.yaml", "secret.example.yaml"]) == [path.name for path in KUBERNETES]


@pytest.mark.parametrize(("name", "pod"), list(pods()))
def test_a_pod_runs_without_any_right(name: str, pod: Mapping[str, Any]) -> None:
    spec = pod["spec"]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False  # a service named duramen would set DURAMEN_PORT
    for container in spec["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])


def test_what_selects_finds_pods() -> None:
    labels = [pod["metadata"]["labels"] for _, pod in pods()]
    wanted = [
        selector.get("matchLabels", selector)
        for one in documents()
        if (selector := one.get("spec", {}).get("selector")) is not None
    ]

    assert len(wanted) == 8
    assert [one for one in wanted if one not in labels] == []


def test_ports_that_are_named_are_there() -> None:
    for name, container in containers():
        ports = {one["name"] for one in container.get("ports", ())}
        probes = [container[kind] for kind in container if kind.endswith("Probe")]
        assert {probe["httpGet"]["port"] for probe in probes} <= ports, name


def test_probes_ask_what_servers_and_workers_answer() -> None:
    asked = {
        container[kind]["httpGet"]["path"]
        for _, container in containers()
        if container["image"] == OURS
        for kind in container
        if kind.endswith("Probe")
    }

    assert asked == {"/health/live", "/health/ready"}
    assert asked <= WATCHED


def test_a_pod_has_the_time_to_finish() -> None:
    settings = read(next(environments()))
    for name, pod in pods():
        if name in ("Deployment duramen-api", "Deployment duramen-worker"):
            assert pod["spec"]["terminationGracePeriodSeconds"] >= settings.drain_seconds + 10


def test_every_setting_is_one() -> None:
    for environment in environments():
        assert set(environment) <= set(variables())
        read(environment)


@pytest.mark.parametrize("arguments", ours(), ids=" ".join)
def test_what_containers_run_are_commands_with_options(arguments: list[str]) -> None:
    told = CliRunner().invoke(app, [arguments[0], "--help"], env={"COLUMNS": "200"})

    assert told.exit_code == 0
    assert [option for option in arguments if option.startswith("--") and option not in told.output] == []


def test_the_password_of_every_role_is_asked_for() -> None:
    wanted = re.findall(r"\\getenv \w+ (\w+)", (DEPLOY / "roles.sql").read_text())
    composed = (DEPLOY / "compose.yaml").read_text()
    example = re.findall(r"^(\w+)=$", (DEPLOY / "env.example").read_text(), re.MULTILINE)

    assert len(wanted) == 3
    assert {*wanted, "POSTGRES_PASSWORD"} == set(example) == set(re.findall(r"\$\{(\w+):\?", composed))


def test_the_image_is_built_from_what_is_there() -> None:
    parser = pytest.importorskip("dockerfile_parse", reason="the parser dockerfile-parse is not installed")
    built = parser.DockerfileParser(path=str(DEPLOY / "Dockerfile"), cache_content=True)
    steps = [(one["instruction"], one["value"]) for one in built.structure]
    copied = [value.split()[:-1] for what, value in steps if what == "COPY" and "--from" not in value]
    allowed = {
        line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")
    }

    assert {name.removeprefix("./") for names in copied for name in names} == allowed
    assert [name for name in allowed if not (ROOT / name).exists()] == []
    assert [value for what, value in steps if what == "USER"] == ["10001:10001"]
    assert [what for what, _ in steps].count("HEALTHCHECK") == 1
    assert steps[-2:] == [("ENTRYPOINT", '["duramen"]'), ("CMD", '["serve"]')]


def test_the_image_has_extras_that_exist() -> None:
    extras = re.findall(r"--extra (\w+)", re.search(r'ARG EXTRAS="(.*)"', (DEPLOY / "Dockerfile").read_text())[1])  # type: ignore[index]
    known = (ROOT / "pyproject.toml").read_text()

    assert extras == ["server", "postgres", "aws"]
    assert [extra for extra in extras if not re.search(rf"^{extra} = \[", known, re.MULTILINE)] == []


def test_hadolint_finds_nothing() -> None:
    found = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if found is None:
        pytest.skip("hadolint is not installed")
    done = subprocess.run([found, "deploy/Dockerfile"], capture_output=True, text=True, check=False, cwd=ROOT)

    assert (done.returncode, done.stdout) == (0, "")
