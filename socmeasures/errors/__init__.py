"""Every message a user can meet: one class a situation, the wording inside the class.

Each message says, in this order: what is wrong, where, what was expected, how to go on.
Knows nothing of frames or scales: it is given names, numbers and rows of plain values.
"""

from socmeasures.errors.answers import (
    AmbiguousColumnsError as AmbiguousColumnsError,
)
from socmeasures.errors.answers import (
    CodingError as CodingError,
)
from socmeasures.errors.answers import (
    ColumnsNotFoundError as ColumnsNotFoundError,
)
from socmeasures.errors.answers import (
    ItemColumnsError as ItemColumnsError,
)
from socmeasures.errors.answers import (
    MissingRuleError as MissingRuleError,
)
from socmeasures.errors.answers import (
    NothingMatchedError as NothingMatchedError,
)
from socmeasures.errors.answers import (
    PlanError as PlanError,
)
from socmeasures.errors.answers import (
    ResponseError as ResponseError,
)
from socmeasures.errors.answers import (
    ScoreColumnExistsError as ScoreColumnExistsError,
)
from socmeasures.errors.base import (
    PROBLEM_COLUMNS as PROBLEM_COLUMNS,
)
from socmeasures.errors.base import (
    SHOWN as SHOWN,
)
from socmeasures.errors.base import (
    ChoiceError as ChoiceError,
)
from socmeasures.errors.base import (
    FrameKindError as FrameKindError,
)
from socmeasures.errors.base import (
    RecordError as RecordError,
)
from socmeasures.errors.base import (
    SocmeasuresError as SocmeasuresError,
)
from socmeasures.errors.base import (
    SocmeasuresWarning as SocmeasuresWarning,
)
from socmeasures.errors.base import (
    did_you_mean as did_you_mean,
)
from socmeasures.errors.base import (
    listed as listed,
)
from socmeasures.errors.base import (
    nearest as nearest,
)
from socmeasures.errors.base import (
    plural as plural,
)
from socmeasures.errors.cluster_designs import (
    ClusterEngineError as ClusterEngineError,
)
from socmeasures.errors.cluster_designs import (
    ClusterTrialError as ClusterTrialError,
)
from socmeasures.errors.cluster_designs import (
    NotAClusterTrialError as NotAClusterTrialError,
)
from socmeasures.errors.clusters import (
    ClusterDegreesError as ClusterDegreesError,
)
from socmeasures.errors.clusters import (
    ClusterLabelError as ClusterLabelError,
)
from socmeasures.errors.clusters import (
    DesignClashError as DesignClashError,
)
from socmeasures.errors.clusters import (
    EstimatingEquationsError as EstimatingEquationsError,
)
from socmeasures.errors.clusters import (
    FewAllocationsError as FewAllocationsError,
)
from socmeasures.errors.clusters import (
    FewClustersError as FewClustersError,
)
from socmeasures.errors.clusters import (
    FewPairsError as FewPairsError,
)
from socmeasures.errors.clusters import (
    IccRangeError as IccRangeError,
)
from socmeasures.errors.clusters import (
    MixedClusterError as MixedClusterError,
)
from socmeasures.errors.clusters import (
    OneClusterEachError as OneClusterEachError,
)
from socmeasures.errors.clusters import (
    PairError as PairError,
)
from socmeasures.errors.clusters import (
    SchemesError as SchemesError,
)
from socmeasures.errors.clusters import (
    TreatedError as TreatedError,
)
from socmeasures.errors.clusters import (
    WorkingCorrelationError as WorkingCorrelationError,
)
from socmeasures.errors.engines import (
    EngineMissingError as EngineMissingError,
)
from socmeasures.errors.engines import (
    PartsDifferError as PartsDifferError,
)
from socmeasures.errors.engines import (
    ReadOnceError as ReadOnceError,
)
from socmeasures.errors.engines import (
    SourceKindError as SourceKindError,
)
from socmeasures.errors.engines import (
    WholeOnlyError as WholeOnlyError,
)
from socmeasures.errors.files import (
    ColumnsNotInFileError as ColumnsNotInFileError,
)
from socmeasures.errors.files import (
    DictionaryError as DictionaryError,
)
from socmeasures.errors.files import (
    EncodingError as EncodingError,
)
from socmeasures.errors.files import (
    FileMissingError as FileMissingError,
)
from socmeasures.errors.files import (
    FixError as FixError,
)
from socmeasures.errors.files import (
    FolderError as FolderError,
)
from socmeasures.errors.files import (
    JoinError as JoinError,
)
from socmeasures.errors.files import (
    LabelMapError as LabelMapError,
)
from socmeasures.errors.files import (
    NoRowsError as NoRowsError,
)
from socmeasures.errors.files import (
    NotAnSpssFileError as NotAnSpssFileError,
)
from socmeasures.errors.files import (
    OutputError as OutputError,
)
from socmeasures.errors.files import (
    ReadError as ReadError,
)
from socmeasures.errors.files import (
    ReshapeError as ReshapeError,
)
from socmeasures.errors.files import (
    SheetError as SheetError,
)
from socmeasures.errors.files import (
    TableError as TableError,
)
from socmeasures.errors.files import (
    TruncatedFileError as TruncatedFileError,
)
from socmeasures.errors.files import (
    UnsupportedFormatError as UnsupportedFormatError,
)
from socmeasures.errors.files import (
    VariableNotFoundError as VariableNotFoundError,
)
from socmeasures.errors.files import (
    WrongFormatError as WrongFormatError,
)
from socmeasures.errors.models import (
    GroupsError as GroupsError,
)
from socmeasures.errors.models import (
    MixedConvergenceError as MixedConvergenceError,
)
from socmeasures.errors.models import (
    SmallSampleError as SmallSampleError,
)
from socmeasures.errors.networks import (
    NetworkColumnsError as NetworkColumnsError,
)
from socmeasures.errors.networks import (
    NetworkError as NetworkError,
)
from socmeasures.errors.networks import (
    NetworkIndexError as NetworkIndexError,
)
from socmeasures.errors.networks import (
    NetworkPoolError as NetworkPoolError,
)
from socmeasures.errors.networks import (
    TurnoverError as TurnoverError,
)
from socmeasures.errors.numbers import (
    AnswersError as AnswersError,
)
from socmeasures.errors.numbers import (
    CollinearError as CollinearError,
)
from socmeasures.errors.numbers import (
    ConfidenceError as ConfidenceError,
)
from socmeasures.errors.numbers import (
    ConstantOutcomeError as ConstantOutcomeError,
)
from socmeasures.errors.numbers import (
    ConvergenceError as ConvergenceError,
)
from socmeasures.errors.numbers import (
    CutoffSideError as CutoffSideError,
)
from socmeasures.errors.numbers import (
    MarginError as MarginError,
)
from socmeasures.errors.numbers import (
    ModelSizeError as ModelSizeError,
)
from socmeasures.errors.numbers import (
    NormValueError as NormValueError,
)
from socmeasures.errors.numbers import (
    NoSpreadError as NoSpreadError,
)
from socmeasures.errors.numbers import (
    NotACountError as NotACountError,
)
from socmeasures.errors.numbers import (
    PairLengthError as PairLengthError,
)
from socmeasures.errors.numbers import (
    PerfectFitError as PerfectFitError,
)
from socmeasures.errors.numbers import (
    ProbabilityError as ProbabilityError,
)
from socmeasures.errors.numbers import (
    ReliabilityError as ReliabilityError,
)
from socmeasures.errors.numbers import (
    ScoresError as ScoresError,
)
from socmeasures.errors.numbers import (
    TooFewError as TooFewError,
)
from socmeasures.errors.numbers import (
    UnseenPairError as UnseenPairError,
)
from socmeasures.errors.planning import (
    OutOfReachError as OutOfReachError,
)
from socmeasures.errors.planning import (
    PlanningError as PlanningError,
)
from socmeasures.errors.planning import (
    TooSmallToPlanError as TooSmallToPlanError,
)
from socmeasures.errors.scales import (
    ExcludedScaleError as ExcludedScaleError,
)
from socmeasures.errors.scales import (
    KeyMismatchError as KeyMismatchError,
)
from socmeasures.errors.scales import (
    KeyNeededError as KeyNeededError,
)
from socmeasures.errors.scales import (
    NotAScaleError as NotAScaleError,
)
from socmeasures.errors.scales import (
    PsychKeysError as PsychKeysError,
)
from socmeasures.errors.scales import (
    ScaleDefinitionError as ScaleDefinitionError,
)
from socmeasures.errors.scales import (
    ScaleExportError as ScaleExportError,
)
from socmeasures.errors.scales import (
    ScaleFormError as ScaleFormError,
)
from socmeasures.errors.scales import (
    SkeletonNameError as SkeletonNameError,
)
from socmeasures.errors.scales import (
    UnknownScaleError as UnknownScaleError,
)
from socmeasures.errors.scales import (
    UnverifiedScaleError as UnverifiedScaleError,
)
from socmeasures.errors.studies import (
    ClusterAllocationError as ClusterAllocationError,
)
from socmeasures.errors.studies import (
    ComparatorError as ComparatorError,
)
from socmeasures.errors.studies import (
    ControlNotNamedError as ControlNotNamedError,
)
from socmeasures.errors.studies import (
    DesignError as DesignError,
)
from socmeasures.errors.studies import (
    DirectionUnknownError as DirectionUnknownError,
)
from socmeasures.errors.studies import (
    EventError as EventError,
)
from socmeasures.errors.studies import (
    FamilyError as FamilyError,
)
from socmeasures.errors.studies import (
    FlowError as FlowError,
)
from socmeasures.errors.studies import (
    FunderReportError as FunderReportError,
)
from socmeasures.errors.studies import (
    MarginSizeError as MarginSizeError,
)
from socmeasures.errors.studies import (
    MixedKeysError as MixedKeysError,
)
from socmeasures.errors.studies import (
    NobodyMeasuredTwiceError as NobodyMeasuredTwiceError,
)
from socmeasures.errors.studies import (
    NoPictureError as NoPictureError,
)
from socmeasures.errors.studies import (
    NormFormError as NormFormError,
)
from socmeasures.errors.studies import (
    NoStandardErrorError as NoStandardErrorError,
)
from socmeasures.errors.studies import (
    OneArmError as OneArmError,
)
from socmeasures.errors.studies import (
    OnePairError as OnePairError,
)
from socmeasures.errors.studies import (
    OutcomeNotFoundError as OutcomeNotFoundError,
)
from socmeasures.errors.studies import (
    PopulationChoiceError as PopulationChoiceError,
)
from socmeasures.errors.studies import (
    PopulationError as PopulationError,
)
from socmeasures.errors.studies import (
    PseudonymError as PseudonymError,
)
from socmeasures.errors.studies import (
    ReportError as ReportError,
)
from socmeasures.errors.studies import (
    SampleMeanError as SampleMeanError,
)
from socmeasures.errors.studies import (
    SeparationError as SeparationError,
)
from socmeasures.errors.studies import (
    ServiceColumnError as ServiceColumnError,
)
from socmeasures.errors.studies import (
    SmallArmError as SmallArmError,
)
from socmeasures.errors.studies import (
    StartError as StartError,
)
from socmeasures.errors.studies import (
    StudyError as StudyError,
)
from socmeasures.errors.studies import (
    SuppressionError as SuppressionError,
)
from socmeasures.errors.studies import (
    TextOutcomeError as TextOutcomeError,
)
from socmeasures.errors.studies import (
    TimingError as TimingError,
)
from socmeasures.errors.studies import (
    TooFewSitesError as TooFewSitesError,
)
from socmeasures.errors.studies import (
    WaveNotFoundError as WaveNotFoundError,
)

# A user meets these as `socmeasures.errors.ReportError`, whichever file holds the class.
for _thing in list(globals().values()):
    if isinstance(_thing, type):
        _thing.__module__ = __name__
