# %% [markdown]
# # Whole agencies were allocated, in matched pairs
#
# *Is loneliness lower where agencies offered befriending?* The trial is simulated: nobody in it
# ever lived.

# %%
from pathlib import Path

import socmeasures as soc
from socmeasures.demo.clusters import simulated_cluster_trial

data = simulated_cluster_trial()
study = soc.Study(
    data,
    person="id",
    wave="wave",
    waves=["start", "6m", "12m"],
    arm="arm",
    control="usual care",
    cluster="agency",
    allocation="cluster",
    better={"loneliness": "lower", "lonely": "lower"},
)

# %% An analysis of single people is refused, and says what to use.
try:
    soc.ancova(study, "loneliness", wave="12m")
except soc.SocmeasuresError as refusal:
    print(refusal)

# %% A year later: the difference, how many agencies, how alike their people are.
result = soc.cluster_trial(study, "loneliness", wave="12m")
print(result)
print(result.tables["clusters"].round(2).to_string(index=False))
print(result.tables["intraclass correlation"].drop(columns="method").round(3).to_string())
result.plot().savefig("agencies.png", dpi=150)

# %% The agencies were matched: pairs instead, by a paired t test and by all 128 allocations.
for engine in ("cluster-means", "permutation"):
    matched = soc.cluster_trial(study, "loneliness", wave="12m", pairs="pair", engine=engine)
    row = matched.to_frame().iloc[0]
    print(f"{engine}: {row.estimate:.2f} ({row.ci_low:.2f} to {row.ci_high:.2f}), {row.method}")

# %% Both follow-ups in one model, with agency, agency × time point and person.
both = soc.cluster_trial(study, "loneliness", family="primary")
print(both.to_frame()[["wave", "estimate", "ci_low", "ci_high", "p_value_adjusted"]].round(3))
print(both.tables["variance components"].round(3).to_string(index=False))

# %% The share still lonely, and how far unseen outcomes would have to lie to change the verdict.
lonely = soc.cluster_trial(study, "lonely", wave="12m", engine="gee")
print(lonely.summary)
missing = soc.missing_sensitivity(result, deltas=[-4, -2, 0, 2, 4])
print(missing.tables["tipping values"].round(2).to_string(index=False))

# %% Where agencies and their people went, and all of it on a page.
people = soc.flow(study, outcome="loneliness", result=result)
Path("flow.svg").write_text(people.to_svg(), encoding="utf-8")
soc.report([result, both, lonely], "clusters.html", title="Befriending by agency")
