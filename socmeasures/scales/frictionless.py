"""A scale's items as a Frictionless Table Schema, version 2: names, codes with labels, order."""

from __future__ import annotations

import json
from typing import Any

from socmeasures.scales.named_columns import NamedColumns

PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
EMPTY = ("", "NA")


def table_schema(key: NamedColumns) -> str:
    """The schema as JSON: a field an item, in the order of the form.

    Answers are ordered categories of whole numbers; an open count has a minimum and a maximum.
    The key's grade, licence and source stand under ``socmeasures``, a property of our own.

    Examples
    --------
    >>> from socmeasures.scales.interchange import export_scale
    >>> print(export_scale("ucla3", "frictionless").splitlines()[1])
      "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
    """
    scale = key.scale
    schema = {
        "$schema": PROFILE,
        "title": f"{scale.name}, {scale.form}",
        "description": f"Measures {scale.measures} in {scale.population}. {scale.citation}",
        "fields": [_field(key, number) for number in key.columns],
        "missingValues": list(EMPTY),
        "socmeasures": {
            "scale": scale.id,
            "definition": scale.definition_hash,
            "evidence": scale.evidence,
            "coding": key.coding,
            "licence": scale.licence.note,
            **({"doi": scale.doi} if scale.doi else {}),
        },
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _field(key: NamedColumns, number: int) -> dict[str, Any]:
    item = key.scale.item(number)
    whether = " May be left out." if item.optional else ""
    field: dict[str, Any] = {
        "name": key.columns[number],
        "type": "integer",
        "title": item.label,
        "description": (
            f"Item {number} of {key.scale.id}. The title is a short label, not the wording."
            f"{whether}"
        ),
    }
    meaning, absent = key.meaning(number), key.absent(number)
    labels = key.answers(number)
    if item.counts_to is None:
        field["categories"] = [{"value": code, "label": labels[code]} for code in meaning]
        field["categoriesOrdered"] = True
    else:
        field["constraints"] = {"minimum": min(meaning), "maximum": max(meaning)}
    if absent:
        field["missingValues"] = [{"value": text, "label": "no answer"} for text in EMPTY]
        field["missingValues"] += [
            {"value": str(code), "label": labels.get(code, "does not apply")} for code in absent
        ]
    return field
