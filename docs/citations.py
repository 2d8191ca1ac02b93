"""A scale's citation as BibTeX; what cannot be told apart stays together in a note."""

from __future__ import annotations

import re

from socmeasures.scales.model import Scale


def bibtex(scale: Scale) -> str:
    """The citation as BibTeX; what cannot be told apart stays together in a note."""
    first, _, further = scale.citation.partition("; ")
    found = re.fullmatch(
        r"(?P<who>.+?) \((?P<year>\d{4})\) (?P<title>.+?[^A-Z])\. (?P<rest>.+)", first
    )
    journal = found and re.fullmatch(
        r"(?P<journal>[^\d]+?) (?P<volume>\d+)(?:\((?P<number>[\d-]+)\))?, (?P<pages>[\d-]+)",
        found["rest"],
    )
    if found is None or journal is None:
        fields = {"title": f"{{{scale.name}}}", "note": scale.citation}
        kind = "misc"
    else:
        kind = "article"
        fields = {
            "author": _authors(found["who"]),
            "year": found["year"],
            "title": f"{{{found['title']}}}",
            "journal": journal["journal"],
            "volume": journal["volume"],
            "number": journal["number"] or "",
            "pages": journal["pages"].replace("-", "--"),
            "note": f"See also: {further}" if further else "",
        }
    if scale.doi:
        fields["doi"] = scale.doi
    body = ",\n".join(
        f"  {k} = {{{v.replace('&', chr(92) + '&')}}}" for k, v in fields.items() if v
    )
    return f"@{kind}{{{scale.id},\n{body}\n}}"


def _authors(who: str) -> str:
    others = who.endswith("et al.") or who.endswith("et al")
    names = re.sub(r",? et al\.?$", "", who)
    shown = []
    for name in re.split(r", | & ", names):
        found = re.fullmatch(r"(.+?) ([A-Z](?:-?[A-Z]){0,3})", name.strip())
        initials = "" if found is None else " ".join(f"{c}." for c in found[2].replace("-", ""))
        shown.append(name.strip() if found is None else f"{found[1]}, {initials}")
    return " and ".join([*shown, *(["others"] if others else [])])
