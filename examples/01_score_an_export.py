# %% [markdown]
# # Score an export
#
# *How do I get from an SPSS export to the same file with scores?*
# The export comes with the library and is simulated: nobody in it ever lived.

# %%
from importlib.resources import files
from pathlib import Path

import socmeasures as soc

export = files("socmeasures") / "demo" / "befriending_export.sav"
data, codebook = soc.read(export)
print(data.shape)

# %% Which questionnaires are in it? Read the plan before anything is scored.
plan = soc.match_scales(data, codebook, person="id")
print(plan)

# %% What is wrong in it?
report = soc.validate(data, plan, codebook=codebook)
print(report.summary)
report.to_html(Path("problems_INTERNAL.html"))

# %% Score. An answer that cannot be counts as not given, because we say so.
scored = soc.score(data, plan, codebook=codebook, invalid="missing")
print(scored["ucla3_total_status__t1"].value_counts())

# %% The same file with scores at its end, and how each was made.
losses = soc.write_sav(scored, Path("scored.sav"), codebook=codebook)
print(losses or "Everything was kept.")
record = soc.scoring_record(scored)
Path("scored.record.json").write_text(record.to_json(indent=1), encoding="utf-8")
