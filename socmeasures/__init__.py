"""Score loneliness, social-support and network questionnaires, check the data, estimate change.

The front door: every public name, each loaded with what it needs when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socmeasures.designs.attrition import attrition as attrition
    from socmeasures.designs.binary import compare_risks as compare_risks
    from socmeasures.designs.clustered import cluster_trial as cluster_trial
    from socmeasures.designs.counts import compare_counts as compare_counts
    from socmeasures.designs.counts import pre_post_counts as pre_post_counts
    from socmeasures.designs.flow import flow as flow
    from socmeasures.designs.individual_change import IndividualChange as IndividualChange
    from socmeasures.designs.individual_change import reliable_change as reliable_change
    from socmeasures.designs.margins import equivalence_of as equivalence_of
    from socmeasures.designs.margins import non_inferiority as non_inferiority
    from socmeasures.designs.missing_data import missing_sensitivity as missing_sensitivity
    from socmeasures.designs.norm_comparison import compare_with_norm as compare_with_norm
    from socmeasures.designs.one_group import pre_post as pre_post
    from socmeasures.designs.populations import population as population
    from socmeasures.designs.power import detectable_difference as detectable_difference
    from socmeasures.designs.power import power as power
    from socmeasures.designs.power import sample_size as sample_size
    from socmeasures.designs.published import Norm as Norm
    from socmeasures.designs.published import Reliability as Reliability
    from socmeasures.designs.regression_to_mean import (
        regression_to_the_mean as regression_to_the_mean,
    )
    from socmeasures.designs.repeated import mmrm as mmrm
    from socmeasures.designs.result import Result as Result
    from socmeasures.designs.study import Study as Study
    from socmeasures.designs.table_one import table_one as table_one
    from socmeasures.designs.trial import ancova as ancova
    from socmeasures.designs.trial_pictures import plot_forest as plot_forest
    from socmeasures.designs.trial_pictures import plot_tipping as plot_tipping
    from socmeasures.designs.trial_pictures import plot_trajectories as plot_trajectories
    from socmeasures.designs.trial_reporting import consort_items as consort_items
    from socmeasures.designs.trial_reporting import estimand as estimand
    from socmeasures.designs.trial_reporting import harms as harms
    from socmeasures.designs.unlinked import unlinked_change as unlinked_change
    from socmeasures.effects.equivalence import equivalence as equivalence
    from socmeasures.effects.estimate import Estimate as Estimate
    from socmeasures.effects.intracluster import design_effect as design_effect
    from socmeasures.effects.intracluster import intraclass_correlation as intraclass_correlation
    from socmeasures.effects.intracluster import (
        intraclass_correlation_binary as intraclass_correlation_binary,
    )
    from socmeasures.effects.mean_difference import cohens_d as cohens_d
    from socmeasures.effects.mean_difference import difference_in_means as difference_in_means
    from socmeasures.effects.mean_difference import glass_delta as glass_delta
    from socmeasures.effects.mean_difference import hedges_g as hedges_g
    from socmeasures.effects.multiplicity import adjust_p_values as adjust_p_values
    from socmeasures.effects.ordinal import cliffs_delta as cliffs_delta
    from socmeasures.effects.ordinal import probability_of_superiority as probability_of_superiority
    from socmeasures.effects.ordinal import rank_biserial as rank_biserial
    from socmeasures.effects.overlap import cohens_u3 as cohens_u3
    from socmeasures.effects.overlap import paired_superiority as paired_superiority
    from socmeasures.effects.paired import mean_change as mean_change
    from socmeasures.effects.paired import paired_d as paired_d
    from socmeasures.effects.proportions import risk_difference as risk_difference
    from socmeasures.effects.proportions import sign_test as sign_test
    from socmeasures.effects.proportions import wilson_interval as wilson_interval
    from socmeasures.effects.reliability import cronbach_alpha as cronbach_alpha
    from socmeasures.effects.reliability import spearman_brown as spearman_brown
    from socmeasures.effects.retest import icc as icc
    from socmeasures.effects.retest import measurement_error as measurement_error
    from socmeasures.effects.retest import retest_correlation as retest_correlation
    from socmeasures.effects.signed_rank import wilcoxon as wilcoxon
    from socmeasures.effects.two_proportions import number_needed_to_treat as number_needed_to_treat
    from socmeasures.effects.two_proportions import odds_ratio as odds_ratio
    from socmeasures.effects.two_proportions import risk_ratio as risk_ratio
    from socmeasures.errors import SocmeasuresError as SocmeasuresError
    from socmeasures.errors import SocmeasuresWarning as SocmeasuresWarning
    from socmeasures.networks.checks import network_schemas as network_schemas
    from socmeasures.networks.composition import network_composition as network_composition
    from socmeasures.networks.contacts import Network as Network
    from socmeasures.networks.description import describe_networks as describe_networks
    from socmeasures.networks.description import describe_profile as describe_profile
    from socmeasures.networks.description import pool_networks as pool_networks
    from socmeasures.networks.indices import score_network as score_network
    from socmeasures.networks.reading import read_network as read_network
    from socmeasures.networks.turnover import NetworkTurnover as NetworkTurnover
    from socmeasures.networks.turnover import network_turnover as network_turnover
    from socmeasures.reports.analysis import Analysis as Analysis
    from socmeasures.reports.analysis import Design as Design
    from socmeasures.reports.analysis import analyse as analyse
    from socmeasures.reports.by_service import by_service as by_service
    from socmeasures.reports.comparators import comparators as comparators
    from socmeasures.reports.document import report as report
    from socmeasures.reports.risk_list import risk_list as risk_list
    from socmeasures.reports.start import start as start
    from socmeasures.responses.codebook import Codebook as Codebook
    from socmeasures.responses.codebook import Variable as Variable
    from socmeasures.responses.codebook_comparison import compare_codebooks as compare_codebooks
    from socmeasures.responses.codebook_document import write_codebook as write_codebook
    from socmeasures.responses.duplicates import resolve_duplicates as resolve_duplicates
    from socmeasures.responses.joining import join_waves as join_waves
    from socmeasures.responses.labelled import apply_labels as apply_labels
    from socmeasures.responses.losses import LossReport as LossReport
    from socmeasures.responses.matching import match_scales as match_scales
    from socmeasures.responses.plan import ScoringPlan as ScoringPlan
    from socmeasures.responses.privacy import drop_identifiers as drop_identifiers
    from socmeasures.responses.privacy import personal_columns as personal_columns
    from socmeasures.responses.pseudonyms import pseudonymised as pseudonymised
    from socmeasures.responses.reading import read as read
    from socmeasures.responses.reading_map import reading_table as reading_table
    from socmeasures.responses.reading_map import translate_answers as translate_answers
    from socmeasures.responses.reshape import to_long as to_long
    from socmeasures.responses.reshape import to_wide as to_wide
    from socmeasures.responses.sav_writing import write_sav as write_sav
    from socmeasures.responses.schemas import plan_schema as plan_schema
    from socmeasures.responses.schemas import scale_schema as scale_schema
    from socmeasures.responses.workbooks import write_xlsx as write_xlsx
    from socmeasures.responses.writing import write as write
    from socmeasures.responses.writing import write_csv as write_csv
    from socmeasures.responses.writing import write_parquet as write_parquet
    from socmeasures.scales.catalogue import list_scales as list_scales
    from socmeasures.scales.catalogue import load_scale as load_scale
    from socmeasures.scales.interchange import export_scale as export_scale
    from socmeasures.scales.model import Scale as Scale
    from socmeasures.scales.skeleton import scale_skeleton as scale_skeleton
    from socmeasures.scoring.compute import score as score
    from socmeasures.scoring.dask_frames import score_dask as score_dask
    from socmeasures.scoring.folder import score_folder as score_folder
    from socmeasures.scoring.interpretation import Interpretation as Interpretation
    from socmeasures.scoring.interpretation import interpret_score as interpret_score
    from socmeasures.scoring.patterns import response_patterns as response_patterns
    from socmeasures.scoring.record import ScoringRecord as ScoringRecord
    from socmeasures.scoring.record import scoring_record as scoring_record
    from socmeasures.scoring.reliability import ItemStatistics as ItemStatistics
    from socmeasures.scoring.reliability import item_statistics as item_statistics
    from socmeasures.scoring.spark_frames import score_spark as score_spark
    from socmeasures.scoring.stream import score_stream as score_stream
    from socmeasures.validation.fixes import apply_fixes as apply_fixes
    from socmeasures.validation.fixes import suggest_fixes as suggest_fixes
    from socmeasures.validation.fixes import undo_fixes as undo_fixes
    from socmeasures.validation.report import ValidationReport as ValidationReport
    from socmeasures.validation.report import validate as validate
    from socmeasures.validation.schemas import study_schema as study_schema
    from socmeasures.validation.stream import validate_stream as validate_stream

_HOME = {
    "SocmeasuresError": "errors",
    "SocmeasuresWarning": "errors",
    "list_scales": "scales.catalogue",
    "load_scale": "scales.catalogue",
    "export_scale": "scales.interchange",
    "Scale": "scales.model",
    "scale_skeleton": "scales.skeleton",
    "Codebook": "responses.codebook",
    "Variable": "responses.codebook",
    "compare_codebooks": "responses.codebook_comparison",
    "write_codebook": "responses.codebook_document",
    "resolve_duplicates": "responses.duplicates",
    "join_waves": "responses.joining",
    "apply_labels": "responses.labelled",
    "LossReport": "responses.losses",
    "match_scales": "responses.matching",
    "ScoringPlan": "responses.plan",
    "drop_identifiers": "responses.privacy",
    "personal_columns": "responses.privacy",
    "pseudonymised": "responses.pseudonyms",
    "read": "responses.reading",
    "reading_table": "responses.reading_map",
    "translate_answers": "responses.reading_map",
    "to_long": "responses.reshape",
    "to_wide": "responses.reshape",
    "write_sav": "responses.sav_writing",
    "plan_schema": "responses.schemas",
    "scale_schema": "responses.schemas",
    "write_xlsx": "responses.workbooks",
    "write": "responses.writing",
    "write_csv": "responses.writing",
    "write_parquet": "responses.writing",
    "score": "scoring.compute",
    "score_dask": "scoring.dask_frames",
    "score_folder": "scoring.folder",
    "Interpretation": "scoring.interpretation",
    "interpret_score": "scoring.interpretation",
    "response_patterns": "scoring.patterns",
    "ScoringRecord": "scoring.record",
    "scoring_record": "scoring.record",
    "ItemStatistics": "scoring.reliability",
    "item_statistics": "scoring.reliability",
    "score_spark": "scoring.spark_frames",
    "score_stream": "scoring.stream",
    "network_schemas": "networks.checks",
    "network_composition": "networks.composition",
    "Network": "networks.contacts",
    "describe_networks": "networks.description",
    "describe_profile": "networks.description",
    "pool_networks": "networks.description",
    "score_network": "networks.indices",
    "read_network": "networks.reading",
    "NetworkTurnover": "networks.turnover",
    "network_turnover": "networks.turnover",
    "equivalence": "effects.equivalence",
    "Estimate": "effects.estimate",
    "design_effect": "effects.intracluster",
    "intraclass_correlation": "effects.intracluster",
    "intraclass_correlation_binary": "effects.intracluster",
    "cohens_d": "effects.mean_difference",
    "difference_in_means": "effects.mean_difference",
    "glass_delta": "effects.mean_difference",
    "hedges_g": "effects.mean_difference",
    "adjust_p_values": "effects.multiplicity",
    "cliffs_delta": "effects.ordinal",
    "probability_of_superiority": "effects.ordinal",
    "rank_biserial": "effects.ordinal",
    "cohens_u3": "effects.overlap",
    "paired_superiority": "effects.overlap",
    "mean_change": "effects.paired",
    "paired_d": "effects.paired",
    "risk_difference": "effects.proportions",
    "sign_test": "effects.proportions",
    "wilson_interval": "effects.proportions",
    "cronbach_alpha": "effects.reliability",
    "spearman_brown": "effects.reliability",
    "icc": "effects.retest",
    "measurement_error": "effects.retest",
    "retest_correlation": "effects.retest",
    "wilcoxon": "effects.signed_rank",
    "number_needed_to_treat": "effects.two_proportions",
    "odds_ratio": "effects.two_proportions",
    "risk_ratio": "effects.two_proportions",
    "attrition": "designs.attrition",
    "compare_risks": "designs.binary",
    "cluster_trial": "designs.clustered",
    "compare_counts": "designs.counts",
    "pre_post_counts": "designs.counts",
    "flow": "designs.flow",
    "IndividualChange": "designs.individual_change",
    "reliable_change": "designs.individual_change",
    "equivalence_of": "designs.margins",
    "non_inferiority": "designs.margins",
    "missing_sensitivity": "designs.missing_data",
    "compare_with_norm": "designs.norm_comparison",
    "pre_post": "designs.one_group",
    "population": "designs.populations",
    "detectable_difference": "designs.power",
    "power": "designs.power",
    "sample_size": "designs.power",
    "Norm": "designs.published",
    "Reliability": "designs.published",
    "regression_to_the_mean": "designs.regression_to_mean",
    "mmrm": "designs.repeated",
    "Result": "designs.result",
    "Study": "designs.study",
    "table_one": "designs.table_one",
    "ancova": "designs.trial",
    "plot_forest": "designs.trial_pictures",
    "plot_tipping": "designs.trial_pictures",
    "plot_trajectories": "designs.trial_pictures",
    "consort_items": "designs.trial_reporting",
    "estimand": "designs.trial_reporting",
    "harms": "designs.trial_reporting",
    "unlinked_change": "designs.unlinked",
    "apply_fixes": "validation.fixes",
    "suggest_fixes": "validation.fixes",
    "undo_fixes": "validation.fixes",
    "ValidationReport": "validation.report",
    "validate": "validation.report",
    "study_schema": "validation.schemas",
    "validate_stream": "validation.stream",
    "Analysis": "reports.analysis",
    "Design": "reports.analysis",
    "analyse": "reports.analysis",
    "by_service": "reports.by_service",
    "comparators": "reports.comparators",
    "report": "reports.document",
    "risk_list": "reports.risk_list",
    "start": "reports.start",
}

__all__ = sorted(_HOME)

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import the module a public name lives in, once."""
        from importlib import import_module

        if name == "__version__":
            from socmeasures.scoring.compute import library_version

            value: object = library_version()
        elif name in _HOME:
            value = getattr(import_module(f"socmeasures.{_HOME[name]}"), name)
        else:
            raise AttributeError(f"module 'socmeasures' has no attribute {name!r}")
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return [*__all__, "__version__"]
