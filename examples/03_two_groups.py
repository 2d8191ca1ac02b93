# %% [markdown]
# # Two groups
#
# *Did loneliness fall more in the befriending group than in the comparison group?*
# The export is simulated: nobody in it ever lived.

# %%
from importlib.resources import files
from pathlib import Path

import socmeasures as soc

data, codebook = soc.read(files("socmeasures") / "demo" / "befriending_export.sav")
data = data.drop_duplicates("id")  # one person is in this export twice
plan = soc.match_scales(data, codebook, person="id")
scored = soc.score(data, plan, codebook=codebook, invalid="missing")
named = soc.apply_labels(scored, codebook, ["arm", "site"])

# %% Who was in which group, and how was that decided?
study = soc.Study.from_wide(
    named,
    person="id",
    waves={"start": "t1", "6 months": "t2"},
    arm="arm",
    control="usual care",
    strata=["site"],
    allocation="individual",
)

# %% The difference at six months, adjusted for the score at the start and for the site.
result = soc.ancova(study, "ucla3_total", wave="6 months")
print(result.summary)
columns = ["contrast", "estimate", "ci_low", "ci_high", "df", "n"]
print(result.to_frame()[columns].to_string(index=False))

# %% Who was analysed, by group.
print(result.n[["arm", "group", "reason", "n"]].to_string(index=False))

# %% The same from a file that can be written before the data are in.
run = soc.analyse(files("socmeasures") / "demo" / "design.toml", Path("report.html"))
print([one.title for one in run.results])
