"""The shipped scales: find them, load them, list them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socmeasures.errors import (
    ExcludedScaleError,
    KeyNeededError,
    NotAScaleError,
    ScaleFormError,
    UnknownScaleError,
)
from socmeasures.scales.definition import parse_definition, read_definition
from socmeasures.scales.model import Scale

if TYPE_CHECKING:
    import pandas as pd


def shipped() -> Traversable:
    """Folder of shipped scales: packed in the wheel, or beside the package in a checkout."""
    packed = files("socmeasures") / "_scales"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "scales"


@cache
def shipped_ids() -> tuple[str, ...]:
    """Ids of all shipped scales, in alphabetical order."""
    names = (entry.name for entry in shipped().iterdir())
    return tuple(sorted(n[:-5] for n in names if n.endswith(".toml") and not n.startswith("_")))


@cache
def _load_shipped(scale_id: str) -> Scale:
    file = shipped() / f"{scale_id}.toml"
    return parse_definition(file.read_text(encoding="utf-8"), f"{scale_id}.toml")


@cache
def shipped_scales() -> tuple[Scale, ...]:
    """Every shipped scale."""
    return tuple(_load_shipped(scale_id) for scale_id in shipped_ids())


def load_scale(id_or_path: str | Path | Scale) -> Scale:
    """Load a shipped scale by its id, or your own definition by its file name.

    Parameters
    ----------
    id_or_path : str or Path
        ``"ucla3"``, or ``"my_scale.toml"``. A `Scale` is given back as it is.

    Returns
    -------
    Scale
        The whole instrument, frozen.

    Raises
    ------
    UnknownScaleError
        No such id and no such file; close ids are offered.
    ScaleFormError
        The name fits several forms (``"ucla"``); they are listed with how they differ.
    ExcludedScaleError
        The instrument is left out on purpose; the reason is given.
    KeyNeededError
        The instrument's key is not published (``"mssi"``): score it with a key of your own.
    NotAScaleError
        A network instrument, whose contacts are read and scored with `read_network`.
    ScaleDefinitionError
        The file has faults; all of them are listed with their place.

    Examples
    --------
    >>> import socmeasures as soc
    >>> soc.load_scale("mspss").score("family").items
    (3, 4, 8, 11)
    >>> soc.load_scale("ucla")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    socmeasures.errors.ScaleFormError: 'ucla' names several forms that are scored differently.
    """
    if isinstance(id_or_path, Scale):
        return id_or_path
    name = str(id_or_path)
    if isinstance(id_or_path, Path) or name.lower().endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise UnknownScaleError(name, shipped_ids())
        return read_definition(path)
    wanted = name.strip().lower().replace("-", "_")
    if wanted in shipped_ids():
        return _load_shipped(wanted)
    if wanted in ("mssi", "maternal_social_support_index"):
        raise KeyNeededError(name)
    if wanted in ("sns", "social_network_schedule"):
        raise NotAScaleError(name)
    excluded = _excluded().get(wanted)
    if excluded is not None:
        raise ExcludedScaleError(name, excluded["reason"], excluded.get("instead", ""))
    forms = [s for s in shipped_scales() if s.family == wanted]
    if forms:
        raise ScaleFormError(name, [(s.id, s.differs or s.form) for s in forms])
    raise UnknownScaleError(name, shipped_ids())


@cache
def _excluded() -> dict[str, dict[str, Any]]:
    file = shipped() / "_excluded.toml"
    if not file.is_file():
        return {}
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["excluded"]
    names = ((name, entry) for entry in entries for name in (entry["id"], *entry.get("names", ())))
    return {name.lower().replace("-", "_"): entry for name, entry in names}


def list_scales() -> pd.DataFrame:
    """List the catalogue: one row a shipped scale.

    Returns
    -------
    pandas.DataFrame
        Columns ``id, name, form, construct, population, items, scores, evidence, opt_in, licence,
        citation, doi``. ``opt_in`` scales have an unverified key and are used only with
        ``accept_unverified=True``.

    Examples
    --------
    >>> import socmeasures as soc
    >>> scales = soc.list_scales().set_index("id")
    >>> int(scales.loc["ucla20_v3", "items"])
    20
    """
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "id": scale.id,
                "name": scale.name,
                "form": scale.form,
                "construct": scale.measures,
                "population": scale.population,
                "items": len(scale.items),
                "scores": ", ".join(score.id for score in scale.scores),
                "evidence": scale.evidence,
                "opt_in": scale.opt_in,
                "licence": scale.licence.note,
                "citation": scale.citation,
                "doi": scale.doi or "",
            }
            for scale in shipped_scales()
        ]
    )
