"""Refusals about scales: definitions, names, forms, keys, exports."""

from __future__ import annotations

from collections.abc import Sequence

from socmeasures.errors.base import SocmeasuresError, did_you_mean, plural


def _quoted(text: str) -> str:
    """Quote `text` as a shell wants it when it holds spaces or signs."""
    return f'"{text}"' if any(c in text for c in " &()'") else text


class ScaleDefinitionError(SocmeasuresError):
    """A scale file has faults; all of them are listed with their place."""

    def __init__(self, file: str, faults: Sequence[str]) -> None:
        self.file = file
        self.faults = tuple(faults)
        lines = [f"{file}: {plural(len(faults), 'fault')} in this scale definition."]
        lines += [f"  {fault}" for fault in faults]
        lines.append("Mend the file and run: socmeasures scale check " + _quoted(file))
        super().__init__(
            "\n".join(lines),
            [{"rule": "definition", "severity": "error", "message": fault} for fault in faults],
        )


class UnknownScaleError(SocmeasuresError):
    """No scale has this id, and no file of this name is there."""

    exit_code = 2

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"There is no scale {name!r}.{did_you_mean(name, known)} "
            "All ids: soc.list_scales(), or: socmeasures scale list. "
            "A definition of your own is given by its file name, e.g. 'my_scale.toml'."
        )


class ScaleFormError(SocmeasuresError):
    """The name fits several forms of an instrument; the caller must say which."""

    exit_code = 2

    def __init__(self, name: str, forms: Sequence[tuple[str, str]]) -> None:
        lines = [f"{name!r} names several forms that are scored differently. Say which:"]
        lines += [f"  {scale_id}: {differs}" for scale_id, differs in forms]
        lines.append("The form stands on the questionnaire, not in the column names.")
        super().__init__("\n".join(lines))


class ExcludedScaleError(SocmeasuresError):
    """The instrument is left out on purpose."""

    exit_code = 2

    def __init__(self, name: str, reason: str, instead: str) -> None:
        more = f" {instead}" if instead else ""
        super().__init__(f"{name!r} is not offered here: {reason}{more}")


class UnverifiedScaleError(SocmeasuresError):
    """The key could not be confirmed; it is used only with the caller's word."""

    exit_code = 2

    def __init__(self, what: str, note: str) -> None:
        super().__init__(
            f"The scoring key of {what} is unverified: "
            f"{note.rstrip('.') or 'no source for it was seen'}. "
            "Compare it with your copy of the instrument; to use it all the same, pass "
            "accept_unverified=True (command line: --accept-unverified). "
            "The grade is printed with every number."
        )


class ScaleExportError(SocmeasuresError):
    """A scale, or names for its columns, that the other format cannot hold."""

    exit_code = 2

    def __init__(self, scale: str, to: str, faults: Sequence[str], advice: str) -> None:
        self.faults = tuple(faults)
        lines = [f"Scale {scale!r} cannot be exported to {to!r}:"]
        lines += [f"  {fault}" for fault in faults]
        lines.append(advice)
        super().__init__(
            "\n".join(lines),
            [
                {"scale": scale, "rule": "export", "severity": "error", "message": fault}
                for fault in faults
            ],
        )


class PsychKeysError(SocmeasuresError):
    """A keys list for R's psych package that cannot be read; all faults are listed."""

    exit_code = 2

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        lines = [f"{source}: this is not a keys list that can be read."]
        lines += [f"  {fault}" for fault in faults]
        lines.append(
            'Expected R text such as keys <- list(total = c("-A1", "A2"), other = c("B1", "B2")), '
            'or JSON such as {"total": ["-A1", "A2"]}; a minus marks a reversed item. '
            "In R, dput(keys) prints the list in this form."
        )
        super().__init__(
            "\n".join(lines),
            [{"rule": "keys", "severity": "error", "message": fault} for fault in faults],
        )


class SkeletonNameError(SocmeasuresError, ValueError):
    """A name that cannot be the id of a scale."""

    exit_code = 2

    def __init__(self, name: str, proposed: str) -> None:
        close = f" Close: {proposed!r}." if proposed else ""
        super().__init__(
            f"{name!r} cannot be the id of a scale.{close} An id begins with a letter and goes on "
            "with small letters, digits and underscores, e.g. 'my_scale'; columns of scores are "
            "named after it."
        )


class KeyNeededError(SocmeasuresError):
    """An instrument whose scoring key is not published was asked for without a key."""

    exit_code = 2

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} (Maternal Social Support Index) cannot be scored without a key: how its "
            "answers become points is not published. Write the key from your copy of the "
            "instrument: socmeasures template mssi-key -o my-key.toml makes the form; then "
            'soc.score(data, "mssi", key="my-key.toml"), on the command line --scale my-key.toml. '
            "'mssi21_reconstructed' is a reconstruction from memory, not the published key; it is "
            "used only with accept_unverified=True. A short scale of support in pregnancy that "
            "can be scored openly is 'msss' (Maternity Social Support Scale; its key is "
            "unverified)."
        )


class KeyMismatchError(SocmeasuresError):
    """A key file for another instrument than the one that was asked for."""

    exit_code = 2

    def __init__(self, asked: str, file: str, found: str) -> None:
        super().__init__(
            f"{file}: this key is for {found!r}, and {asked!r} was asked for. Give the key of "
            f"{asked!r}, or score with {found!r} as the scale."
        )


class NotAScaleError(SocmeasuresError):
    """The Social Network Schedule was asked for as if it were a rating scale."""

    exit_code = 2

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} (Social Network Schedule) is a list of named contacts; no total or score "
            "of it is published. Read the contacts with soc.read_network and take its indices "
            "(size, friends, confidants, density …) with soc.score_network. An empty workbook to "
            "collect contacts in: socmeasures template network -o contacts.xlsx"
        )
