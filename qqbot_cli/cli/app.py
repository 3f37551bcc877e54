"""The commands of `qqbot`: names, arguments and flags. What they do stands in a module for each."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

from qqbot_cli.cli.json_object import json_command
from qqbot_cli.cli.mode import UiMode
from qqbot_cli.errors import ExitCode, QQBotError

app = typer.Typer(
    name="qqbot",
    help="Run bots on the QQ official bot platform.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ConfigPath = Annotated[
    Path | None,
    typer.Argument(metavar="CONFIG", help="Configuration; by default $QQBOT_CONFIG, then ./config.yaml."),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="CONFIG", help="Configuration; by default as for run."),
]
ConfigToo = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="CONFIG", help="CONFIG as an option.")
]
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object on stdout.")]
Sandbox = Annotated[
    bool | None,
    typer.Option("--sandbox/--no-sandbox", help="Use the sandbox, whatever the file says."),
]
Shards = Annotated[str | None, typer.Option(metavar="WHICH", help="auto, a number, or some of them: 0-3/16.")]
Simulate = Annotated[bool, typer.Option("--simulate", help="Run against the embedded simulator.")]
Duration = Annotated[
    str | None,
    typer.Option("--for", metavar="TIME", help="End after this time, such as 30s or 5m."),
]


class _Inbox(TyperGroup):
    """The group whose commands may have numbers as arguments, so that the configuration is an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's, or typer's own
        for before, word in pairwise(["", *args]):
            if word.endswith((".yaml", ".yml")) and before not in ("-c", "--config") and word[0] != "-":
                raise typer.BadParameter(f"here the configuration is an option: -c {word}", param_hint=word)
        return super().parse_args(ctx, args)


def _config(argument: Path | None, option: Path | None) -> Path | None:
    if argument is not None and option is not None:
        raise typer.BadParameter("give CONFIG once", param_hint="--config")
    return option if argument is None else argument


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"qqbot {version('qqbot-cli')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def run(
    config: ConfigPath = None,
    *,
    config_too: ConfigToo = None,
    ui: Annotated[
        UiMode | None,
        typer.Option(help="How to show what happens; live on a terminal, plain elsewhere."),
    ] = None,
    duration: Duration = None,
    shards: Shards = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="A plugin that cannot be loaded or set up ends the run.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="PLUGIN", help="Load this plugin and no other; may be given again."),
    ] = None,
    no_plugins: Annotated[bool, typer.Option("--no-plugins", help="Load no plugin at all.")] = False,
    no_wait: Annotated[
        bool,
        typer.Option("--no-wait", help="Fail where the platform or its quota would have to be waited for."),
    ] = False,
    sandbox: Sandbox = None,
    simulate: Simulate = False,
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII characters only.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every frame by name.")] = False,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Append every event that is received to FILE, one a line."),
    ] = None,
    blank: Annotated[bool, typer.Option("--blank", help="Hide names and texts of people in FILE.")] = False,
) -> None:
    """Run the bot: all shards, all plugins, a live panel."""
    if blank and record is None:
        raise typer.BadParameter("goes with --record FILE", param_hint="--blank")
    from qqbot_cli.cli.run import RunOptions, run_bot

    options = RunOptions(
        config=_config(config, config_too),
        ui=ui,
        duration=duration,
        shards=shards,
        strict=strict,
        only=tuple(only or ()),
        no_plugins=no_plugins,
        wait=not no_wait,
        sandbox=sandbox,
        simulate=simulate,
        ascii_only=ascii_only,
        verbose=verbose,
        record=record,
        blank=blank,
    )
    raise typer.Exit(run_bot(options))


@app.command("check-token")
def check_token(
    config: ConfigPath = None,
    *,
    config_too: ConfigToo = None,
    sandbox: Sandbox = None,
    simulate: Simulate = False,
    json: Json = False,
) -> None:
    """Check appid and secret, and show who the bot is."""
    from qqbot_cli.cli.check_token import check

    check(_config(config, config_too), sandbox=sandbox, simulate=simulate, as_json=json)


@app.command("gateway-info")
def gateway_info(
    config: ConfigPath = None,
    *,
    config_too: ConfigToo = None,
    sandbox: Sandbox = None,
    simulate: Simulate = False,
    json: Json = False,
) -> None:
    """Show the gateway, its shards and the quota left."""
    from qqbot_cli.cli.gateway_info import show

    show(_config(config, config_too), sandbox=sandbox, simulate=simulate, as_json=json)


@app.command()
@json_command
def simulate(
    config: ConfigPath = None,
    *,
    config_too: ConfigToo = None,
    users: Annotated[int | None, typer.Option(min=0, help="Number of simulated people.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of chance.")] = None,
    shards: Annotated[int | None, typer.Option(min=1, help="Recommended number of shards.")] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")
    ] = 0,
    duration: Duration = None,
    emit: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Let this event happen once a bot is there; all for every event."),
    ] = None,
    replay: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Let what was recorded happen again, once a bot is there."),
    ] = None,
    json: Json = False,
) -> None:
    """Run the simulated platform by itself."""
    from qqbot_cli.cli.simulate import SimulateOptions, simulate_platform

    simulate_platform(
        SimulateOptions(
            _config(config, config_too),
            users=users,
            seed=seed,
            shards=shards,
            port=port,
            duration=duration,
            emit=tuple(emit or ()),
            replay=replay,
            as_json=json,
        )
    )


@app.command()
@json_command
def events(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="An event or its callback; all of them if left out."),
    ] = None,
    *,
    drift: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Compare recorded frames, one a line, with the table."),
    ] = None,
    json: Json = False,
) -> None:
    """Show the events of the platform, their callbacks and payloads."""
    if drift is not None:
        if name is not None:
            raise typer.BadParameter("give a NAME or --drift, not both", param_hint="--drift")
        from qqbot_cli.cli.drift import show_drift

        show_drift(drift, json_wanted=json)
        return
    from qqbot_cli.cli.events import show_events

    show_events(name, json_wanted=json)


@app.command()
@json_command
def explain(
    code: Annotated[
        str,
        typer.Argument(metavar="CODE", help="An error code, a close code of the gateway or an exit code."),
    ],
    *,
    json: Json = False,
) -> None:
    """Explain an error code, a close code or an exit code."""
    from qqbot_cli.cli.explain import explain as explain_code

    explain_code(code, json_wanted=json)


inbox = typer.Typer(
    name="inbox",
    cls=_Inbox,
    help="Show what waits, was given up or was missed; run it again.",
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(inbox)

Limit = Annotated[int, typer.Option(min=1, max=100_000, help="Show so many at most.")]
Rows = Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Numbers from qqbot inbox dead.")]
Everything = Annotated[bool, typer.Option("--all", help="All that were given up.")]


@inbox.callback(invoke_without_command=True)
@json_command
def inbox_overview(
    context: typer.Context,
    *,
    config: ConfigOption = None,
    shards: Shards = None,
    sandbox: Sandbox = None,
    json: Json = False,
) -> None:
    """Show how much waits, was given up or was missed."""
    if context.invoked_subcommand is None:
        from qqbot_cli.cli.inbox import Which, show

        show(Which(config, shards, sandbox), json_wanted=json)
    elif (config, shards, sandbox, json) != (None, None, None, False):
        raise typer.BadParameter("write options after the subcommand")


@inbox.command("dead")
@json_command
def inbox_dead(
    *,
    config: ConfigOption = None,
    shards: Shards = None,
    sandbox: Sandbox = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """List events that plugins failed for good."""
    from qqbot_cli.cli.inbox import Which, show_dead

    show_dead(Which(config, shards, sandbox), limit=limit, json_wanted=json)


@inbox.command("gaps")
@json_command
def inbox_gaps(
    *,
    config: ConfigOption = None,
    shards: Shards = None,
    sandbox: Sandbox = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """List the times whose events were lost with their session."""
    from qqbot_cli.cli.inbox import Which, show_gaps

    show_gaps(Which(config, shards, sandbox), limit=limit, json_wanted=json)


@inbox.command("replay")
@json_command
def inbox_replay(
    ids: Rows = None,
    *,
    everything: Everything = False,
    config: ConfigOption = None,
    shards: Shards = None,
    sandbox: Sandbox = None,
    json: Json = False,
) -> None:
    """Run events again that were given up."""
    from qqbot_cli.cli.inbox import Which, replay

    replay(Which(config, shards, sandbox), ids or [], everything=everything, json_wanted=json)


@inbox.command("drop")
@json_command
def inbox_drop(
    ids: Rows = None,
    *,
    everything: Everything = False,
    config: ConfigOption = None,
    shards: Shards = None,
    sandbox: Sandbox = None,
    json: Json = False,
) -> None:
    """Forget events that were given up."""
    from qqbot_cli.cli.inbox import Which, drop

    drop(Which(config, shards, sandbox), ids or [], everything=everything, json_wanted=json)


@inbox.command("compact")
@json_command
def inbox_compact(
    *, config: ConfigOption = None, shards: Shards = None, sandbox: Sandbox = None, json: Json = False
) -> None:
    """Give unused space back.

    Given up events beyond inbox.dead, the oldest, are dropped first.
    """
    from qqbot_cli.cli.inbox import Which, compact

    compact(Which(config, shards, sandbox), json_wanted=json)


def run_app() -> int:
    """Run the command that the arguments name and return its exit code; every error is one clear message."""
    try:
        app(standalone_mode=True)
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else ExitCode.OK if exc.code is None else ExitCode.BUG
    except QQBotError as exc:
        try:
            print_error(exc)
        except (OSError, ValueError):
            _forget(sys.stderr)  # nobody reads it, or a plugin has closed it; the exit code still counts
        return exc.exit_code
    except BrokenPipeError:
        # The reader of our output is gone; stdout must not be flushed into it at the end.
        _forget(sys.stdout)
        return ExitCode.BUG
    except OSError as exc:
        if not _is_of_echo(exc):
            raise
        _forget(sys.stdout)
        print_error(QQBotError(f"the answer cannot be written: {exc.strerror or exc}"))
        return ExitCode.BUG
    return ExitCode.OK


def _is_of_echo(exc: OSError) -> bool:
    """Return whether *exc* comes from writing the answer; anything else of the system is a bug here."""
    from traceback import extract_tb

    return extract_tb(exc.__traceback__)[-1].name == typer.echo.__name__


def _forget(stream: TextIO) -> None:
    from qqbot_cli.cli.channel import forget

    forget(stream)


def print_error(exc: QQBotError) -> None:
    """Write *exc* to stderr, with the way out below it."""
    from qqbot_cli.cli.redact import clean

    lines = [clean(line) for line in exc.message.split("\n")]
    # The reports of a configuration begin with file and line, which editors look for.
    text = "\n".join(lines) if len(lines) > 1 else f"qqbot: {lines[0]}"
    if exc.help:
        text += f"\n   = help: {clean(exc.help)}"
    typer.echo(text, err=True)
