# %% [markdown]
# # A small trial with three follow-ups and drop-out
#
# *Is loneliness lower in the befriending arm at every follow-up, and what if those who left did
# worse?* The trial is simulated: nobody in it ever lived.

# %%
from pathlib import Path

import socmeasures as soc
from socmeasures.demo.trial import WAVES, simulated_trial

data = simulated_trial()
study = soc.Study(
    data,
    person="id",
    wave="wave",
    waves=WAVES,
    arm="arm",
    control="usual care",
    allocation="individual",
    better={"loneliness": "lower", "lonely": "lower"},
)

# %% Who came, by arm; what nobody recorded is called so.
people = soc.flow(
    study,
    outcome="loneliness",
    screened=124,
    reasons={"declined": 26, "not eligible": 8},
    took_part="came",
)
print(people)
Path("flow.svg").write_text(people.to_svg(), encoding="utf-8")

# %% Were the arms alike at the start? Differences in standard deviations, no p values.
start = soc.table_one(study, ["age", "site", "loneliness"])
columns = ["characteristic", "level", "arm", "n", "mean", "sd", "count", "smd"]
print(start[columns].round(2).to_string(index=False))

# %% The difference at every follow-up, from everybody with at least one of them.
result = soc.mmrm(
    study,
    "loneliness",
    averages={"over follow-up": ["3m", "6m", "12m"]},
    family="primary",
    family_waves=["12m"],
)
print(result.summary)
columns = ["wave", "estimate", "se", "df", "p_value", "ci_low", "ci_high", "effect_size"]
print(result.to_frame()[columns].round(3).to_string(index=False))
print(result.means.round(2).to_string(index=False))
soc.plot_trajectories(result, times={"3m": 3, "6m": 6, "12m": 12}).savefig("trajectories.svg")

# %% How much worse would those who left have to be, before the interval reaches 0?
missing = soc.missing_sensitivity(result, deltas=[-6, -4, -2, 0, 2, 4, 6])
print(missing.tables["tipping values"].round(2).to_string(index=False))
soc.plot_tipping(missing).savefig("tipping.svg")

# %% The share still lonely at a year, with both shares beside the number needed to treat.
lonely = soc.compare_risks(study, "lonely", wave="12m", baseline="baseline")
print(lonely.summary)
print(lonely.tables["number needed to treat"].T.to_string())

# %% Who got worse, and what the report has to say and nobody has said yet.
harm = soc.harms(study, "loneliness", worse_by=3)
print(harm.round(2).to_string(index=False))
print(
    soc.estimand(result, population="people of 60 and over who feel lonely").to_string(index=False)
)
topics = soc.consort_items([result, lonely], flow=people, baseline=start, harms=harm)
print(topics.loc[~topics["filled"], "topic"].to_list())

# %% All of it on a page.
soc.report([result, lonely], "trial.html", title="Befriending trial")
