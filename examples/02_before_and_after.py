# %% [markdown]
# # Before and after, one group
#
# *We asked people at the start and after six months. What changed?*
# The export is simulated. A change without a comparison group is not an effect.

# %%
from importlib.resources import files
from pathlib import Path

import socmeasures as soc

data, codebook = soc.read(files("socmeasures") / "demo" / "befriending_export.sav")
data = data.drop_duplicates("id")  # one person is in this export twice
plan = soc.match_scales(data, codebook, person="id")
scored = soc.score(data, plan, codebook=codebook, invalid="missing")

# %% People are paired by their identifier.
study = soc.Study.from_wide(scored, person="id", waves={"start": "t1", "6 months": "t2"})
result = soc.pre_post(study, ["ucla3_total", "mspss_total"])
print(result.summary)

# %% Who is not in it, and why?
print(result.n[["outcome", "group", "reason", "n"]].to_string(index=False))

# %% How many went up, stayed, went down, by any amount?
people = result.tables["higher, same, lower"]
print(people[["outcome", "direction", "meaning", "n", "n_pairs"]].to_string(index=False))

# %% What a reader must know, and the sentence for the paper.
print("\n".join(result.notes))
print(result.methods)

# %% A page for colleagues, and the picture by itself.
soc.report(result, Path("report.html"), scored=scored, title="Before and after (simulated)")
result.plot().savefig("change.png", dpi=150)
