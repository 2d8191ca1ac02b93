# %% [markdown]
# # How many people do we need?
#
# *A befriending service plans a trial.* From a first guess to the sentence for the protocol, and
# what the trial becomes when agencies are allocated, or when one volunteer serves many people.

# %%
from pathlib import Path

import socmeasures as soc

# %% A difference of 2.5 points would matter; SD 8; before and after correlate .6; a fifth is lost.
trial = soc.sample_size(difference=2.5, sd=8, r=0.6, dropout=0.2, power=0.9)
print(trial)

# %% The chance of finding it, by the number of people.
trial.plot().savefig("power.svg")

# %% Agencies are allocated instead: people of one agency are alike.
agencies = soc.sample_size(
    difference=2.5, sd=8, power=0.9, cluster_size=20, icc=0.05, cv=0.4, dropout=0.2, lost_clusters=1
)
print(agencies.summary)
icc = agencies.sensitivity[agencies.sensitivity["assumption"] == "icc"]
print(icc[["value", "planned", "clusters_per_arm", "n_total"]].to_string(index=False))
agencies.plot().savefig("power_agencies.svg")

# %% Every volunteer visits six people; those in usual care have no volunteer.
volunteers = soc.sample_size(difference=2.5, sd=8, power=0.9, group_size=6, icc=0.05, dropout=0.2)
print(volunteers.summary)

# %% There is money for 200 people. What would that find?
few = soc.power(difference=2.5, sd=8, r=0.6, dropout=0.2, n_per_arm=100)
print(few.summary)
smallest = soc.detectable_difference(sd=8, r=0.6, dropout=0.2, n_per_arm=100, power=0.9)
print(smallest.summary)

# %% Two waves before and two after, with the same 200 people.
waves = soc.power(difference=2.5, sd=8, r=0.6, baselines=2, followups=2, dropout=0.2, n_per_arm=100)
print(waves.summary)

# %% The sentence for the protocol, and everything it rests on.
Path("protocol.txt").write_text(f"{trial.protocol}\n", encoding="utf-8")
print(trial.assumptions.to_string(index=False))
