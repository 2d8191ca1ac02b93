# %% [markdown]
# # One volunteer, many people
#
# *People were allocated one by one, but those in befriending share volunteers. What does that do
# to the interval?* The data are simulated: nobody in them ever lived.

# %%
import warnings

import numpy as np

import socmeasures as soc
from socmeasures.demo.clusters import simulated_volunteers


def trial(data):
    return soc.Study(
        data,
        person="id",
        wave="wave",
        waves=["start", "6m"],
        arm="arm",
        control="usual care",
        facilitator="volunteer",
        allocation="individual",
        better={"loneliness": "lower"},
    )


study = trial(simulated_volunteers())

# %% An analysis of single people runs, and says what it ignores.
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    ignoring = soc.ancova(study, "loneliness", wave="6m")
print(said[0].message)

# %% The partially nested model: an effect of the volunteer, and a spread of its own, in one arm.
nested = soc.cluster_trial(study, "loneliness")
print(nested)
for name in ("variance components", "intraclass correlation"):
    print(nested.tables[name].drop(columns="method", errors="ignore").round(3).to_string())
nested.plot().savefig("volunteers.png", dpi=150)

# %% Why it matters: 20 trials of a programme that does nothing, with volunteers who differ.
found = {"ignored": 0, "allowed for": 0}
for seed in range(20):
    empty = trial(simulated_volunteers(effect=0.0, between=1.6, seed=seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ignored = soc.ancova(empty, "loneliness", wave="6m").to_frame()
    allowed = soc.cluster_trial(empty, "loneliness").to_frame()
    found["ignored"] += int(np.less(ignored["p_value"], 0.05).sum())
    found["allowed for"] += int(np.less(allowed["p_value"], 0.05).sum())
for how, n in found.items():
    print(f"volunteers {how}: a difference was 'found' in {n} of 20 trials")
