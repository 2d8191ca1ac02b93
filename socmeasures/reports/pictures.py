"""The pictures of a report: which ones a result has, what stands under them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from socmeasures.drawing import distribution, figures, html, individuals, reliable
from socmeasures.reports import tables, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from socmeasures.designs.outcome import Outcome
    from socmeasures.designs.result import Result


@dataclass(slots=True, kw_only=True)
class Pictures:
    """Draws and numbers the pictures of one page in the order they are asked for."""

    individual_lines: bool = False
    drawn: int = field(default=0, init=False)

    def distribution(self, result: Result) -> Markup:
        """Scores at each time point and group, floor and ceiling marked."""
        outcome, name = _named(result)
        scores = result.scores.dropna(subset=["value"])
        groups = {}
        arms = tables.arms_of(scores, result) if result.arms else []
        for wave in result.waves or dict.fromkeys(scores["wave"]):
            for arm in arms or [""]:
                chosen = scores["wave"] == wave
                if arm:
                    chosen &= scores["arm"] == arm
                heading = str(wave) if not arm else f"{wave} · {arm}"
                groups[heading] = scores.loc[chosen, "value"].to_numpy(float)
        figure = distribution.score_distribution(
            groups, unit=name, low=outcome.low, high=outcome.high,
            columns=len(arms) if len(arms) <= 3 else 2,
        )  # fmt: skip
        caption = f"How the scores spread: {name}. Taller bars are more people."
        if outcome.low is not None or outcome.high is not None:
            caption += (
                " Orange marks people at the lowest or highest possible score, "
                "whose scores cannot go any lower or higher."
            )
        return self._numbered(figure, caption)

    def over_time(self, result: Result) -> Markup | None:
        """Means at each time point with their ranges; nothing with a single time point."""
        outcome, name = _named(result)
        same = tables.same_people(result)
        table = result.descriptives if same is None else same
        if table["wave"].nunique() < 2:
            return None
        arms = tables.arms_of(table, result)
        if not arms:
            table = table.drop(columns="arm", errors="ignore")
        figure = figures.means_over_time(
            tables.with_ranges(table, result.confidence), unit=name, low=outcome.low,
            high=outcome.high, better=outcome.better, decimals=tables.decimals_of(result),
        )  # fmt: skip
        whose = "everybody with a score" if same is None else "the same people at all of them"
        caption = f"Means at each time point, {whose}: {name}. {_bars(result)}"
        if outcome.low is not None and outcome.high is not None:
            caption += " The axis is the whole range of the measure."
        return self._numbered(figure, caption)

    def estimates(self, result: Result) -> Markup:
        """The main numbers as dots with their ranges, or shares of people as bars."""
        if "estimate" not in result.table:
            return self.shares(result)
        what = words.estimate_heading(result.kind)
        outcome, name = _named(result)
        figure = figures.intervals(
            tables.main_rows(result), unit=name, better=outcome.better, what=what,
            decimals=tables.decimals_of(result),
        )  # fmt: skip
        caption = f"The {what} in {name}. {_bars(result)} The dashed line is no {what}."
        return self._numbered(figure, caption)

    def shares(self, result: Result) -> Markup:
        """How many people are better, the same and worse, a bar a group."""
        outcome, name = _named(result)
        table = result.table.assign(
            name=[name if arm == "all" else str(arm) for arm in result.table["arm"]]
        )
        figure = reliable.better_same_worse(
            table, better=outcome.better, what="by more than measurement error"
        )
        caption = f"How many people changed by more than measurement error in {name}."
        return self._numbered(figure, caption)

    def adjusted(self, result: Result, title: str, table: pd.DataFrame) -> Markup:
        """Adjusted means by group."""
        outcome, name = _named(result)
        figure = figures.adjusted_means(
            table, unit=name, low=outcome.low, high=outcome.high, better=outcome.better,
            decimals=tables.decimals_of(result),
        )  # fmt: skip
        return self._numbered(figure, f"{title}: {name}. {_bars(result)}")

    def clusters(self, result: Result) -> Markup | None:
        """Means of whole clusters by arm; nothing for other analyses."""
        if not {"clusters", "facilitators"} & set(result.tables):
            return None
        _, name = _named(result)
        caption = (
            f"Each dot is a site or group, larger for more people: its mean in {name}. The "
            f"diamonds are the groups' means. {_bars(result)}"
        )
        return self._numbered(result.plot(), caption)

    def individuals(self, result: Result) -> Markup | None:
        """A line for each person, only where the caller asked for them."""
        if not self.individual_lines or len(result.waves) < 2:
            return None
        first, last = result.waves[0], result.waves[-1]
        wide = result.scores.pivot(index="person", columns="wave", values="value")
        wide = wide.reindex(columns=[first, last])
        outcome, name = _named(result)
        figure = individuals.paired_lines(
            wide[first], wide[last], unit=name, labels=(str(first), str(last)),
            low=outcome.low, high=outcome.high, better=outcome.better,
        )  # fmt: skip
        caption = f"INTERNAL. Each person's score in {name}, from {first} to {last}."
        if len(wide.dropna()) > individuals.MANY:
            caption += " People whose lines run close together share one, thicker line."
        return self._numbered(figure, caption)

    def _numbered(self, figure: Figure, caption: str) -> Markup:
        self.drawn += 1
        place = f"picture-{self.drawn}"
        return Markup(html.picture(figure, name=place, caption=f"Picture {self.drawn}. {caption}"))


def _named(result: Result) -> tuple[Outcome, str]:
    return result.outcome, words.measure_name(result.outcome.label)


def _bars(result: Result) -> str:
    return f"Lines through the dots are the {words.range_words(result.confidence)}."
