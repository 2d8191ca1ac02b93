# %% [markdown]
# # Networks of named contacts
#
# *Did people get to know more people outside the day service?*
# A simulated evaluation: two arms, two interviews, contacts in the columns of a wide `.sav`.
# Nobody in it ever lived.

# %%
from pathlib import Path

import numpy as np
import pandas as pd

from socmeasures import Codebook, Study, pre_post, read, write_sav
from socmeasures.designs.counts import compare_counts, pre_post_counts
from socmeasures.networks.description import describe_networks
from socmeasures.networks.indices import score_network
from socmeasures.networks.reading import read_network
from socmeasures.networks.turnover import network_turnover

RELATION = {1: "Sister or brother", 2: "Friend", 3: "Neighbour", 4: "Staff", 5: "Service user"}
OFTEN = {1: "Daily", 2: "Weekly", 3: "Monthly", 9: "No answer"}
PLACES = 9


# %% [markdown]
# ## The export: one row a person, `c1_rel_t1, c1_freq_t1 … c9_inside_t2`


# %%
def simulated_export(people: int = 80, seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    arm = np.repeat([1, 2], people // 2)
    rows = []
    for person in range(people):
        row = {"id": 100 + person, "arm": arm[person]}
        known = rng.integers(0, 6)
        contacts = {
            f"p{person}-{k}": [rng.integers(1, 6), rng.integers(1, 4), rng.integers(0, 2)]
            for k in range(known)
        }
        for wave in ("t1", "t2"):
            row[f"interviewed_{wave}"] = int(wave == "t1" or rng.random() > 0.1)
            if wave == "t2":
                contacts = {c: v for c, v in contacts.items() if rng.random() > 0.25}
                new = rng.poisson(2.2 if arm[person] == 1 else 1.0)
                for k in range(min(new, PLACES - len(contacts))):
                    contacts[f"p{person}-n{k}"] = [2, 2, int(rng.random() > 0.7)]
            named = contacts if row[f"interviewed_{wave}"] else {}
            for place, (contact, (relation, often, inside)) in enumerate(named.items(), start=1):
                row[f"c{place}_id_{wave}"] = contact
                row[f"c{place}_rel_{wave}"] = relation
                row[f"c{place}_freq_{wave}"] = 9 if rng.random() < 0.05 else often
                row[f"c{place}_inside_{wave}"] = inside
                row[f"c{place}_conf_{wave}"] = int(rng.random() < 0.4)
        rows.append(row)
    return pd.DataFrame(rows)


export = simulated_export()
labels = {c: RELATION for c in export if "_rel_" in c}
labels |= {c: OFTEN for c in export if "_freq_" in c}
labels["arm"] = {1: "day service", 2: "usual care"}
book = Codebook.from_labels(labels, missing={c: [9] for c in export if "_freq_" in c})
write_sav(export, "contacts.sav", codebook=book)

# %% [markdown]
# ## Read the contacts, score the networks

# %%
sister = {"relation": {"Sister or brother": "sibling"}}
network = read_network(
    "contacts.sav",
    form="wide",
    person="id",
    waves={"start": "t1", "6 months": "t2"},
    values=sister,
    stable_ids=True,
)
print(network)

scored = score_network(network, frame="prism3")
table = describe_networks(scored, by="arm")
print(
    table[["index", "wave", "arm", "n", "median", "q1", "q3", "zero_share"]].to_string(index=False)
)

# %% Who was kept, lost and gained; the notes belong to it.
turnover = network_turnover(network, "start", "6 months")
print(turnover)

# %% [markdown]
# ## Change, and what the day service added
#
# Attendance alone makes a network grow, so contacts outside the service come first.

# %%
study = Study(
    scored,
    person="person_id",
    wave="wave",
    waves=["start", "6 months"],
    arm="arm",
    control="usual care",
    allocation="individual",
)
print(pre_post_counts(study, "sns_n_outside").summary)
print(pre_post(study, "sns_n_confidants").tables["higher, same, lower"].to_string(index=False))
for outcome in ("sns_n_outside", "sns_size"):
    result = compare_counts(study, outcome, wave="6 months")
    columns = ["outcome", "term", "estimate", "ci_low", "ci_high", "n"]
    print(result.to_frame()[columns].to_string(index=False))

# %% One person's network, before and after. It shows one person: INTERNAL.
most = turnover.people.set_index("person_id")["sns_gained"].idxmax()
network.plot(most, "start").savefig("network_INTERNAL.png", dpi=120)
network.plot_change(most, "start", "6 months").savefig("change_INTERNAL.png", dpi=120)

# %% The scores go back as a `.sav`, with their record.
write_sav(scored, "networks.sav")
print(sorted(path.name for path in Path().glob("*_INTERNAL.png")), len(read("networks.sav")[0]))
