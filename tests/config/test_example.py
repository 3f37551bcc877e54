from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from qqbot_cli.config.load import load_config
from qqbot_cli.config.schema import Config
from qqbot_cli.model.hosts import Endpoints

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


def sections(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from sections(argument)


def keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
        for section in sections(field.annotation):
            yield from keys(section)


def test_the_example_runs_against_the_simulator_as_it_is() -> None:
    config = load_config(EXAMPLE, environ={})

    assert config.token is None
    assert config.simulation is not None
    assert (config.simulation.users, config.simulation.shards) == (5, 2)
    assert len(config.simulation.faults) == 3
    assert config.plugin("echo").config == {"prefix": "/echo"}
    assert config.hosts == Endpoints()
    assert config.notes == ()


@pytest.mark.parametrize("key", sorted(set(keys(Config))))
def test_the_example_shows_every_key(key: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")

    assert f" {key}: " in text or f"\n{key}:" in text or f"{{{key}: " in text or f" {key}:\n" in text


@pytest.mark.parametrize("name", ["users", "api", "on_error", "timeout", "secret"])
def test_every_field_is_described(name: str) -> None:
    described = {
        key for model in _models(Config) for key, field in model.model_fields.items() if field.description
    }

    assert name in described


def test_no_field_lacks_a_description() -> None:
    missing = [
        f"{model.__name__}.{key}"
        for model in _models(Config)
        for key, field in model.model_fields.items()
        if not field.description
    ]

    assert missing == []


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        for section in sections(field.annotation):
            yield from _models(section)
