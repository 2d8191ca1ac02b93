# %% [markdown]
# # Who changed by more than measurement error, and who was lost?
#
# The export is simulated. A change without a comparison group is not an effect.

# %%
from importlib.resources import files

import socmeasures as soc
from socmeasures.designs.attrition import attrition
from socmeasures.designs.individual_change import reliable_change
from socmeasures.designs.published import Norm, Reliability
from socmeasures.designs.regression_to_mean import regression_to_the_mean
from socmeasures.drawing.individuals import paired_lines
from socmeasures.drawing.reliable import better_same_worse

data, codebook = soc.read(files("socmeasures") / "demo" / "befriending_export.sav")
data = data.drop_duplicates("id")  # one person is in this export twice
plan = soc.match_scales(data, codebook, person="id")
scored = soc.score(data, plan, codebook=codebook, invalid="missing")
study = soc.Study.from_wide(scored, person="id", waves={"start": "t1", "6 months": "t2"})

# %% [markdown]
# A reliability comes with its kind, its SD and its source; there is no default. This one is made
# up for the example: look yours up.

# %%
reliability = Reliability(
    0.73, kind="test-retest", sd=1.9, source="made up for this example, 6 weeks, n = 120"
)
who = reliable_change(study, "ucla3_total", reliability=reliability, sensitivity=True)
print(who.summary)
print(who.to_frame()[["category", "n", "n_pairs", "expected_n"]].round(1).to_string(index=False))
print(who.tables["by every method"][["method", "category", "n"]].to_string(index=False))
print("\n".join(who.notes))

# %% One row a person, for the caseworker and nobody else.
print(who.people.head().round(2).to_string(index=False))

# %% [markdown]
# People came when they were lonely. What would have come by itself? That needs the mean of
# everybody BEFORE selection and the correlation over the follow-up, both from outside these data.

# %%
everybody = Norm(mean=5.1, sd=1.9, n=400, source="made up: everybody who was referred")
by_itself = regression_to_the_mean(
    study, "ucla3_total", population=everybody, r=0.6, r_source="made up, 6 months", r_n=150
)
print(
    by_itself.to_frame()[["term", "estimate", "ci_low", "ci_high"]].round(2).to_string(index=False)
)
print(regression_to_the_mean(study, "ucla3_total").tables["possible values"].round(2).to_string())

# %% Who was lost, and what could that hide?
lost = attrition(study, "ucla3_total", characteristics=["site"])
print(lost.summary)
print(lost.tables["change under simple assumptions"].round(2).to_string(index=False))

# %% Something people have or have not: lonely is 6 or more.
lonely = scored.assign(
    **{f"lonely__{t}": scored[f"ucla3_total__{t}"].ge(6).where(scored[f"ucla3_total__{t}"].notna())
       .astype("float64") for t in ("t1", "t2")}
)  # fmt: skip
share = soc.pre_post(
    soc.Study.from_wide(lonely, person="id", waves={"start": "t1", "6 months": "t2"},
                        better={"lonely": "lower"}),
    "lonely",
)  # fmt: skip
print(share.summary)
print(share.tables["transitions"][["from", "to", "n"]].to_string(index=False))

# %% Pictures. The first and the last show people: they are for INTERNAL papers.
who.plot().savefig("reliable_change_INTERNAL.png", dpi=150)
bars = who.to_frame().assign(name=who.outcome.label)
better_same_worse(bars, what="by more than measurement error").savefig("better_worse.png", dpi=150)
paired_lines(
    who.people["earlier"], who.people["later"], unit="loneliness", low=3, high=9, better="lower"
).savefig("people_INTERNAL.png", dpi=150)
