"""What the server is told: by flags, else by `DURAMEN_*` in the environment, else as it is by default.

The only reader of the environment in the server.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from duramen.errors import BadInputError

PREFIX = "DURAMEN_"


class SettingError(BadInputError):
    """A flag or a variable of the server cannot be used. The server did not start."""

    def __init__(self, name: str, problem: str) -> None:
        self.name = name
        super().__init__(f"{name} {problem}")


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank. Give a value, or leave it out.")
    return text.strip()


def _flag(text: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.strip().casefold() not in known:
        raise ValueError(f"is {text!r}. Give true or false.")
    return known[text.strip().casefold()]


def _one_of(*known: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.strip().casefold() not in known:
            raise ValueError(f"is {text!r}. Give one of {', '.join(known)}.")
        return text.strip().casefold()

    return parse


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise ValueError(f"is {text!r}. Give a whole number from {low} to {high}.")
        return number

    return parse


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= 86_400:
        raise ValueError(f"is {text!r}. Give seconds, above 0 and up to 86400.")
    return number


def _place(text: str) -> str:
    module, _, name = text.strip().partition(":")
    if not all(part.isidentifier() for part in (*module.split("."), *name.split("."))):
        raise ValueError(f"is {text!r}. Give module:name, such as my_agents:answer.")
    return text.strip()


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _base(text: str) -> str:
    text = text.strip().rstrip("/")
    if text and (not text.startswith("/") or "//" in text or any(mark in text for mark in "%?#")):
        raise ValueError(f"is {text!r}. Give a path such as /memory, in plain characters.")
    return text


def _setting(default: Any, parse: Callable[[str], Any]) -> Any:
    return field(default=default, metadata={"parse": parse})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a server runs. Each field is read from `DURAMEN_` and its name in capitals.

    Attributes:
        directory: Where the memory lives: a directory, or another address that `duramen.open` takes.
        fast: Load no models; see `duramen doctor --fast`.
        strategies: What is made of what is retained, in banks that have no strategies of their own; with commas.
        host: The address to listen at. Anything but a loopback address turns `auth` on.
        port: The port to listen at; 0 for any that is free.
        workers: Processes, which share the directory.
        work: Do what is to be done in the background, too: memories of what was retained, strategies, operations, webhooks.
            Turned off, that is left to `duramen work`, but for what somebody waits for.
        index_directory: Over PostgreSQL, where index files of large banks are kept over restarts; else a temporary place.
        auth: Whether callers need a key: `on`, `off`, or `auto` for on unless `host` is a loopback address.
        insecure: Allow `auth` to be off where others can reach the server.
        base_path: What all paths begin with, such as `/memory`, when the server stands below a proxy's path.
        body_bytes: A request with a longer body is refused with 413.
        rate: Requests a minute that each bank may take, in each worker; None for as many as come.
        concurrency: Requests at a time that each bank may take, in each worker; more wait a moment. None for all.
        request_seconds: A request that takes longer is given up with 504.
        header_seconds: How long a client may take for the head of a request, and for each next piece of its body.
        catch_up_seconds: How long a recall waits for what was retained just before it; what is not ready is told.
        drain_seconds: How long requests and memories in the making together may take when the server is ended.
        jwt_issuer: The `iss` that a token must have.
        jwt_audience: The `aud` that a token must have.
        jwt_jwks_url: Where the issuer's public keys are.
        jwt_key_file: A file with the issuer's public key in PEM, instead of a URL.
        jwt_user_claim: The claim that names the user; a token without it is refused.
        jwt_tenant_claim: The claim that names the tenant; when set, a token without it is refused.
        jwt_agent_claim: The claim that names the agent.
        jwt_scope_claim: The claim with what the token allows, such as `duramen:recall duramen:read`.
        model_url: Base URL of a language model with OpenAI's protocol, such as `http://localhost:11434/v1`.
        model: The language model's name.
        model_key: Its key, if it needs one.
        agent: What answers when a harness of AgentCore is invoked: `module:name` of a function that `duramen.harness.Harness`
            takes. The module is looked for where the server was started, too.
        self_managed_to: Where self-managed strategies of AgentCore deliver: a directory, in which each bucket is one, or an
            address that begins with `http`. Without it they cannot be set up.
        record_stream_url: Where the events of memories with `streamDeliveryResources` are sent by POST; beside
            `/memories/{memoryId}/recordStream`, which always has them.
        mcp: Offer the memory as tools too, at `/mcp`.
        audit: Keep for 30 days who did what in each bank, and show it at `/audit-logs`; nothing of what was said.
        log_level: `debug`, `info`, `warning` or `error`.
        log_format: `json`, or `console` to be read by people.
        otlp_endpoint: Where traces are sent, over HTTP; nothing is sent without.
        webhook_hosts: Hosts, addresses and networks (`10.1.0.0/16`) that webhooks may go to though they are not public;
            with commas.
        proxies: Addresses of proxies whose `X-Forwarded-*` headers are believed; with commas.
    """

    directory: str = field(default="./memory", repr=False, metadata={"parse": _text})  # an address may hold a password
    fast: bool = _setting(False, _flag)
    strategies: tuple[str, ...] = _setting(("observation",), _names)
    host: str = _setting("127.0.0.1", _text)
    port: int = _setting(8888, _whole(0, 65_535))
    workers: int = _setting(1, _whole(1, 256))
    work: bool = _setting(True, _flag)
    index_directory: str | None = _setting(None, _text)
    auth: Literal["auto", "on", "off"] = _setting("auto", _one_of("auto", "on", "off"))
    insecure: bool = _setting(False, _flag)
    base_path: str = _setting("", _base)
    body_bytes: int = _setting(32 * 2**20, _whole(1, 2**40))
    rate: int | None = _setting(None, _whole(1, 10**9))
    concurrency: int | None = _setting(None, _whole(1, 10**6))
    request_seconds: float = _setting(300.0, _seconds)
    header_seconds: float = _setting(20.0, _seconds)
    catch_up_seconds: float = _setting(2.0, _seconds)
    drain_seconds: float = _setting(25.0, _seconds)
    jwt_issuer: str | None = _setting(None, _text)
    jwt_audience: str | None = _setting(None, _text)
    jwt_jwks_url: str | None = _setting(None, _text)
    jwt_key_file: str | None = _setting(None, _text)
    jwt_user_claim: str = _setting("sub", _text)
    jwt_tenant_claim: str | None = _setting(None, _text)
    jwt_agent_claim: str | None = _setting(None, _text)
    jwt_scope_claim: str = _setting("scope", _text)
    model_url: str | None = _setting(None, _text)
    model: str | None = _setting(None, _text)
    model_key: str | None = field(default=None, repr=False, metadata={"parse": _text})
    agent: str | None = _setting(None, _place)
    self_managed_to: str | None = _setting(None, _text)
    record_stream_url: str | None = _setting(None, _text)
    mcp: bool = _setting(True, _flag)
    audit: bool = _setting(False, _flag)
    log_level: str = _setting("info", _one_of("debug", "info", "warning", "error"))
    log_format: Literal["json", "console"] = _setting("json", _one_of("json", "console"))
    otlp_endpoint: str | None = _setting(None, _text)
    webhook_hosts: tuple[str, ...] = _setting((), _names)
    proxies: tuple[str, ...] = _setting((), _names)

    def __post_init__(self) -> None:
        if self.auth == "off" and not self.loopback and not self.insecure:
            raise SettingError(
                _variable("auth"),
                f"is off, and {self.host} can be reached by others, who could read and forget every memory. Turn it "
                f"on, listen at 127.0.0.1, or start with --insecure if something else guards the server.",
            )
        if self.tokens and self.jwt_audience is None:
            raise SettingError(
                _variable("jwt_audience"),
                "is missing. A token that was made for another service must not open this one: name the audience.",
            )
        if self.jwt_jwks_url is not None and self.jwt_key_file is not None:
            raise SettingError(_variable("jwt_key_file"), f"and {_variable('jwt_jwks_url')} are both given. Give one.")
        if (self.jwt_issuer is not None or self.jwt_audience is not None) and not self.tokens:
            raise SettingError(
                _variable("jwt_jwks_url"),
                f"is missing, and so is {_variable('jwt_key_file')}. Tokens need one of them.",
            )
        if (self.model_url is None) != (self.model is None):
            missing = "model" if self.model is None else "model_url"
            raise SettingError(_variable(missing), "is missing. A language model needs its URL and its name.")

    @property
    def loopback(self) -> bool:
        """Whether only this computer can reach `host`."""
        if self.host.casefold() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def guarded(self) -> bool:
        """Whether callers need a key."""
        return self.auth == "on" or (self.auth == "auto" and not self.loopback)

    @property
    def tokens(self) -> bool:
        """Whether tokens of an issuer are taken beside keys."""
        return self.jwt_jwks_url is not None or self.jwt_key_file is not None

    def environment(self) -> dict[str, str]:
        """Return the variables from which `read` makes these settings again, in another process."""
        told = {_variable(one.name): getattr(self, one.name) for one in fields(self)}
        return {
            name: ",".join(value) if isinstance(value, tuple) else str(value)
            for name, value in told.items()
            if value is not None
        }


def read(environment: Mapping[str, str], **flags: object) -> Settings:
    """Return the settings: `flags` that are not None, else what the environment says, else the defaults.

    A blank variable is as good as none, but for those that hold a list.

    Raises:
        SettingError: One of them cannot be used; it names which.
    """
    given: dict[str, Any] = {}
    for one in fields(Settings):
        flag, variable = flags.get(one.name), _variable(one.name)
        text = environment.get(variable) if flag is None else str(flag)
        if isinstance(flag, tuple):
            given[one.name] = flag
        elif text is not None and (text.strip() or isinstance(one.default, tuple)):
            try:
                given[one.name] = one.metadata["parse"](text)
            except ValueError as error:
                raise SettingError(variable, str(error)) from error
    return Settings(**given)


def variables() -> list[str]:
    """Return the names of all variables."""
    return [_variable(one.name) for one in fields(Settings)]


def _variable(name: str) -> str:
    return PREFIX + name.upper()
