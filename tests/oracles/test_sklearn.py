"""scikit-learn's models, converted by skl2onnx: Slipway's own engine beside ONNX Runtime on the same file, and beside
scikit-learn itself.

Numbers agree with ONNX Runtime to 1e-5 of the largest value unless a case says otherwise, and are no farther from scikit-learn's, which
calculates in double, than ONNX Runtime's are. Labels are the same but where two classes are equally likely: there rounding decides."""

import warnings

import numpy
import onnxruntime
import pytest
import skl2onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn import (cluster, compose, datasets, decomposition, discriminant_analysis, ensemble, feature_extraction, feature_selection,
                     gaussian_process, impute, linear_model, mixture, naive_bayes, neighbors, neural_network, pipeline,
                     preprocessing, svm, tree)

from closeness import assert_close, distance

RANDOM = numpy.random.default_rng(17)
FLOWERS, KINDS = datasets.load_iris(return_X_y=True)
FLOWERS = FLOWERS.astype(numpy.float32)
TWO_KINDS = (KINDS == 1).astype(int)
NAMES = numpy.array(["setosa", "versicolor", "virginica"])[KINDS]
LENGTHS = (FLOWERS @ numpy.array([1.0, -2.0, 0.5, 3.0]) + numpy.sin(FLOWERS[:, 0])).astype(numpy.float32)
COUNTS = numpy.floor(FLOWERS * 3).astype(numpy.float32)
NOT_ALL_KNOWN = FLOWERS.copy()
NOT_ALL_KNOWN[RANDOM.random(FLOWERS.shape) < 0.1] = numpy.nan


def onnxruntime_outputs(path, inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return dict(zip([one.name for one in session.get_outputs()], session.run(None, inputs)))


def convert(model, inputs, path, **options):
    """Writes the model; `inputs` are arrays by name."""
    kinds = {"f": FloatTensorType, "i": Int64TensorType, "U": StringTensorType, "O": StringTensorType}
    types = [(name, kinds[array.dtype.kind]([None, *array.shape[1:]])) for name, array in inputs.items()]
    converted = skl2onnx.convert_sklearn(model, initial_types=types, options=options or None, target_opset={"": 20, "ai.onnx.ml": 3})
    path.write_bytes(converted.SerializeToString())
    return path


def assert_equal(actual, expected, tolerance):
    if expected.dtype.kind in "UO":
        assert actual.tolist() == expected.tolist()
    elif expected.dtype.kind in "ib":
        assert numpy.array_equal(actual, expected)
    else:
        assert_close(actual, expected, tolerance)


def sure_rows(outputs, tolerance=1e-5):
    """Rows whose most likely class is more likely than the second, by the last output."""
    scores = numpy.asarray(outputs[-1])
    if len(outputs) < 2 or scores.ndim != 2 or scores.shape[1] < 2:
        return slice(None)
    ordered = numpy.sort(scores, axis=1)
    return ordered[:, -1] - ordered[:, -2] > tolerance


def assert_like_both(slipway, model, inputs, path, tolerance=1e-5, **options):
    convert(model, inputs, path, **options)
    expected = [numpy.asarray(one) for one in onnxruntime_outputs(path, inputs).values()]
    actual = list(slipway.run_tensors(path, inputs).values())
    sure = sure_rows(expected)
    for ours, theirs in zip(actual, expected, strict=True):
        assert ours.shape == theirs.shape
        same_rows = sure if len(ours) == len(numpy.asarray(expected[-1])) else slice(None)
        assert_equal(ours[same_rows], theirs[same_rows], tolerance)
    assert_near_sklearn(made_by_sklearn(model, next(iter(inputs.values()))), actual, expected, tolerance)


def made_by_sklearn(model, data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if hasattr(model, "predict"):
            made = [model.predict(data)]
            return made + [model.predict_proba(data)] if hasattr(model, "predict_proba") else made
        made = model.transform(data)
        return [made.toarray() if hasattr(made, "toarray") else made]


def assert_near_sklearn(expected, actual, beside, tolerance):
    for value, ours, theirs in zip(expected, actual, beside):
        if value.dtype.kind in "fiu" and ours.dtype.kind in "fiu" and ours.size == value.size:
            allowed = distance(theirs.reshape(value.shape), value)
            assert distance(ours.reshape(value.shape), value) <= allowed + tolerance


CLASSIFIERS = [
    linear_model.LogisticRegression(max_iter=500), linear_model.Perceptron(),
    linear_model.SGDClassifier(loss="log_loss", random_state=0), svm.SVC(probability=True, random_state=0), svm.SVC(kernel="poly"),
    svm.SVC(kernel="sigmoid", probability=True, random_state=0), svm.NuSVC(nu=0.3), svm.LinearSVC(),
    tree.DecisionTreeClassifier(max_depth=4, random_state=0), tree.ExtraTreeClassifier(random_state=0),
    ensemble.RandomForestClassifier(12, random_state=0), ensemble.ExtraTreesClassifier(12, random_state=0),
    ensemble.GradientBoostingClassifier(n_estimators=12, random_state=0), 
    ensemble.AdaBoostClassifier(n_estimators=6, random_state=0), ensemble.BaggingClassifier(n_estimators=5, random_state=0),
    neighbors.KNeighborsClassifier(3), neighbors.KNeighborsClassifier(5, weights="distance"),
    naive_bayes.GaussianNB(), naive_bayes.MultinomialNB(), naive_bayes.BernoulliNB(binarize=2.0), naive_bayes.ComplementNB(),
    neural_network.MLPClassifier((8,), max_iter=100, random_state=0), discriminant_analysis.LinearDiscriminantAnalysis(),
    discriminant_analysis.QuadraticDiscriminantAnalysis(),
    ensemble.VotingClassifier([("a", linear_model.LogisticRegression()), ("b", tree.DecisionTreeClassifier(max_depth=3, random_state=0))], voting="soft", flatten_transform=False),
    ensemble.StackingClassifier([("a", linear_model.LogisticRegression()), ("b", naive_bayes.GaussianNB())]),
]
REGRESSORS = [
    linear_model.LinearRegression(), linear_model.Ridge(), linear_model.Lasso(0.01), linear_model.ElasticNet(0.01), linear_model.BayesianRidge(),
    linear_model.HuberRegressor(max_iter=1000), svm.SVR(), svm.SVR(kernel="linear"), svm.NuSVR(), svm.LinearSVR(),
    tree.DecisionTreeRegressor(max_depth=5, random_state=0), ensemble.RandomForestRegressor(10, random_state=0),
    ensemble.ExtraTreesRegressor(10, random_state=0), ensemble.GradientBoostingRegressor(n_estimators=15, random_state=0),
    ensemble.AdaBoostRegressor(n_estimators=5, random_state=0),
    neighbors.KNeighborsRegressor(4), neighbors.KNeighborsRegressor(4, weights="distance"),
    neural_network.MLPRegressor(hidden_layer_sizes=(8,), max_iter=100, random_state=0),
    gaussian_process.GaussianProcessRegressor(gaussian_process.kernels.RBF(2.0), alpha=1.0),
]
TRANSFORMERS = [
    preprocessing.StandardScaler(), preprocessing.MinMaxScaler(), preprocessing.MaxAbsScaler(), preprocessing.RobustScaler(),
    preprocessing.Normalizer("l1"), preprocessing.Normalizer("l2"), preprocessing.Normalizer("max"), preprocessing.Binarizer(threshold=2.0),
    preprocessing.PolynomialFeatures(2), preprocessing.PowerTransformer(), preprocessing.KBinsDiscretizer(4, encode="ordinal", quantile_method="averaged_inverted_cdf"),
    decomposition.PCA(2), decomposition.TruncatedSVD(2), cluster.KMeans(3, n_init=2, random_state=0),
    feature_selection.SelectKBest(k=2), feature_selection.VarianceThreshold(0.5),
]


def name_of(model):
    return type(model).__name__


def fitted(model, *data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(*data)


def without_maps(model):
    return {} if isinstance(model, svm.LinearSVC) else {"zipmap": False}


@pytest.mark.parametrize("model", CLASSIFIERS, ids=name_of)
@pytest.mark.parametrize("kinds", ["two", "three", "names"])
def test_classifiers(slipway, tmp_path, model, kinds):
    labels = {"two": TWO_KINDS, "three": KINDS, "names": NAMES}[kinds]
    fitted(model, FLOWERS, labels)
    assert_like_both(slipway, model, {"x": FLOWERS}, tmp_path / "model.onnx", tolerance=1e-4, **without_maps(model))


@pytest.mark.parametrize("model", REGRESSORS, ids=name_of)
def test_regressors(slipway, tmp_path, model):
    assert_like_both(slipway, fitted(model, FLOWERS, LENGTHS), {"x": FLOWERS}, tmp_path / "model.onnx", tolerance=1e-4)


@pytest.mark.parametrize("model", TRANSFORMERS, ids=name_of)
def test_transformers(slipway, tmp_path, model):
    assert_like_both(slipway, fitted(model, FLOWERS, KINDS), {"x": FLOWERS}, tmp_path / "model.onnx")


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
def test_imputers(slipway, tmp_path, strategy):
    assert_like_both(slipway, fitted(impute.SimpleImputer(strategy=strategy), NOT_ALL_KNOWN), {"x": NOT_ALL_KNOWN}, tmp_path / "model.onnx")


def test_mixtures(slipway, tmp_path):
    assert_like_both(slipway, fitted(mixture.GaussianMixture(3, random_state=0), FLOWERS), {"x": FLOWERS}, tmp_path / "model.onnx", 1e-4)


WORDS = numpy.array([["red", "s"], ["green", "m"], ["blue", "s"], ["red", "l"], ["green", "s"]])


@pytest.mark.parametrize("model", [preprocessing.OneHotEncoder(), preprocessing.OneHotEncoder(handle_unknown="ignore"),
                                   preprocessing.OneHotEncoder(drop="first"), preprocessing.OrdinalEncoder()], ids=name_of)
def test_encoders(slipway, tmp_path, model):
    assert_like_both(slipway, fitted(model, WORDS), {"x": WORDS}, tmp_path / "model.onnx")


def test_label_encoder(slipway, tmp_path):
    assert_like_both(slipway, fitted(preprocessing.LabelEncoder(), WORDS[:, 0]), {"x": WORDS[:, 0]}, tmp_path / "model.onnx")


SENTENCES = numpy.array(["the cat sat on the mat", "a dog and a cat", "The Dog sat", "mat mat mat", "no one here"])


@pytest.mark.parametrize("model", [
    feature_extraction.text.CountVectorizer(), feature_extraction.text.CountVectorizer(ngram_range=(1, 2)), feature_extraction.text.CountVectorizer(binary=True),
    feature_extraction.text.TfidfVectorizer(), feature_extraction.text.TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
    feature_extraction.text.TfidfVectorizer(norm="l1", stop_words=["the"])], ids=name_of)
def test_text(slipway, tmp_path, model):
    assert_like_both(slipway, fitted(model, SENTENCES), {"x": SENTENCES}, tmp_path / "model.onnx", locale="C")


def test_pipeline_of_columns(slipway, tmp_path):
    words = RANDOM.integers(0, 3, (len(FLOWERS), 1))
    table = numpy.concatenate([FLOWERS, words], axis=1).astype(numpy.float32)
    steps = compose.ColumnTransformer([("numbers", pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler()), [0, 1, 2, 3]),
                                       ("words", preprocessing.OneHotEncoder(), [4])])
    model = fitted(pipeline.make_pipeline(steps, ensemble.RandomForestClassifier(8, random_state=0)), table, KINDS)
    assert_like_both(slipway, model, {"x": table}, tmp_path / "model.onnx", zipmap=False)


@pytest.mark.parametrize("labels", [KINDS, NAMES], ids=["numbers", "names"])
def test_maps_of_probabilities(slipway, tmp_path, labels):
    """As skl2onnx writes them by default: for each row what each class is likely."""
    model = fitted(pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression(max_iter=500)), FLOWERS, labels)
    path = convert(model, {"x": FLOWERS}, tmp_path / "model.onnx")
    expected = onnxruntime_outputs(path, {"x": FLOWERS})
    actual = slipway.run_tensors(path, {"x": FLOWERS})
    assert actual["output_label"].tolist() == expected["output_label"].tolist()
    keys = actual["output_probability.keys"].tolist()
    assert keys == list(expected["output_probability"][0])
    assert_close(actual["output_probability.values"], numpy.array([[row[key] for key in keys] for row in expected["output_probability"]]), 1e-5)
