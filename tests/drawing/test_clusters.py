from __future__ import annotations

import numpy as np
import pandas as pd

from socmeasures.drawing.clusters import cluster_means
from socmeasures.drawing.style import alt_text

CLUSTERS = pd.DataFrame(
    {
        "arm": ["new", "new", "new", "usual", "usual"],
        "n": [4, 16, 0, 9, 9],
        "mean": [9.0, 10.0, np.nan, 11.0, 12.5],
        "pair": ["a", "b", "c", "a", "b"],
    }
)
MEANS = pd.DataFrame(
    {"arm": ["usual", "new"], "mean": [11.8, 9.5], "ci_low": [10.4, 8.0], "ci_high": [13.2, 11.0]}
)


def test_a_dot_a_cluster_and_a_mean_an_arm_the_control_last():
    figure = cluster_means(CLUSTERS, MEANS, unit="loneliness", better="lower", control="usual")
    axes = figure.axes[0]
    assert [t.get_text() for t in axes.get_xticklabels()] == [
        "new\n2 clusters", "usual\n2 clusters",
    ]  # fmt: skip
    assert [len(c.get_offsets()) for c in axes.collections] == [2, 2]
    assert "lower is better" in axes.get_ylabel()


def test_more_people_make_a_larger_dot():
    figure = cluster_means(CLUSTERS.drop(columns="pair"), MEANS, unit="x", control="usual")
    small, large = figure.axes[0].collections[0].get_sizes()
    assert large > 2 * small


def test_an_arm_without_clusters_keeps_its_mean():
    figure = cluster_means(CLUSTERS[CLUSTERS["arm"] == "new"], MEANS, unit="x", control="usual")
    assert "people by themselves" in figure.axes[0].get_xticklabels()[1].get_text()
    assert "usual: no clusters; mean 11.8" in alt_text(figure)


def test_the_words_tell_what_is_drawn():
    words = alt_text(cluster_means(CLUSTERS, MEANS, unit="loneliness", control="usual"))
    assert "new: 2 clusters with means from 9.00 to 10.00" in words
    assert "interval 8.00 to 11.00" in words


def test_nothing_given_is_changed():
    before = CLUSTERS.copy(deep=True)
    cluster_means(CLUSTERS, MEANS, unit="x")
    pd.testing.assert_frame_equal(CLUSTERS, before)
