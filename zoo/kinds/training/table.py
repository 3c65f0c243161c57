"""Rows of tables: two classifiers of the Wisconsin breast cancer data, and a regressor of the diabetes data.

    python table.py

Both data sets come with scikit-learn. Rows are in the units of the data: standardising is part of the models.
"""

import csv

import numpy as np
from onnx import helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import compress
import measure

SEEDS = compress.MODELS.parent / "seeds"
CANCER = ("Wisconsin Diagnostic Breast Cancer (UCI Machine Learning Repository, CC BY 4.0; Wolberg, Mangasarian, Street, "
          "Street 1995), as it comes with scikit-learn: 398 rows to train, 171 held out, stratified")
DIABETES = ("diabetes data of Efron, Hastie, Johnstone, Tibshirani, Least Angle Regression (2004), as it comes "
            "with scikit-learn (BSD licence), unscaled: 309 rows to train, 133 held out")
SIZES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)  # of a column's range in the training rows


def onnx_of(model, rows, name, **options):
    graph = to_onnx(model, rows[:1].astype(np.float32), target_opset={"": compress.OPSET, "ai.onnx.ml": 3},
                    options=options or None)
    graph.graph.name = name
    standardise(graph.graph)
    return compress.save(graph, name)


def standardise(graph):
    """Replace the Scaler of ai.onnx.ml by Sub and Mul, whose types shape inference knows: the quantiser would leave all
    that follows in float. And give biases one dimension: it fails on the two that skl2onnx writes."""
    for tensor in graph.initializer:
        if len(tensor.dims) == 2 and tensor.dims[0] == 1 and "intercept" in tensor.name:
            del tensor.dims[0]
    for i, node in enumerate(graph.node):
        if node.op_type == "Scaler":
            values = {a.name: np.array(a.floats, np.float32) for a in node.attribute}
            for kind in ("offset", "scale"):
                graph.initializer.append(numpy_helper.from_array(values[kind], kind))
            del graph.node[i]
            graph.node.insert(i, helper.make_node("Sub", [node.input[0], "offset"], ["centred"], "centre"))
            graph.node.insert(i + 1, helper.make_node("Mul", ["centred", "scale"], list(node.output), "standardise"))
            return


def decimals(values):
    """The digits after the point that a column is written with."""
    return next(d for d in range(12) if np.allclose(np.round(values, d), values, rtol=0, atol=1e-9))


def columns_of(names, rows):
    """What each column holds, from the training rows."""
    return [{"name": n, "min": float(v.min()), "max": float(v.max()), "decimals": decimals(v),
             **({"values": sorted(set(map(float, v)))} if len(set(v)) < 4 else {})}
            for n, v in zip(names, rows.T)]


def write_seeds(file, columns, rows, target, values):
    SEEDS.mkdir(exist_ok=True)
    with open(SEEDS / file, "w", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow([c["name"] for c in columns] + [target])
        for row, value in zip(rows, values):
            table.writerow([f"{v:.{c['decimals']}f}" for v, c in zip(row, columns)] + [value])


def mover(columns):
    """Uniform noise of a share of each column's range, within it, on the grid that the column is written with; columns of
    few values stay."""
    low, high = (np.array([c[k] for c in columns], np.float64) for k in ("min", "max"))
    grid = np.array([c["decimals"] for c in columns])
    fixed = np.array(["values" in c for c in columns])

    def move(row, size, random):
        x = row["X"].astype(np.float64)
        step = random.uniform(-size, size, x.shape) * (high - low) * ~fixed
        moved = np.clip(x + step, np.minimum(low, x), np.maximum(high, x))
        moved = np.round(moved * 10.0 ** grid) / 10.0 ** grid
        return {"X": moved.astype(np.float32)}

    return move


def cancer():
    data = load_breast_cancer()
    names = [n.replace(" ", "_") for n in data.feature_names]
    train, test, y, labels = train_test_split(data.data, data.target, test_size=0.3, random_state=1,
                                              stratify=data.target)
    columns = columns_of(names, train)
    write_seeds("breast-cancer.csv", columns, test, "diagnosis", data.target_names[labels])
    feed = {"X": test.astype(np.float32)}

    def deviates(a, b):
        return a["label"] != b["label"]

    def pair(name, original, compressed, words, compression):
        models = [measure.Model(p) for p in (original, compressed)]
        answers = [m(feed) for m in models]
        measure.card(
            name, kind="table", task="classification", what="is a tumour malignant or benign, from 30 measures of "
            "cell nuclei", data=CANCER, how="a row of the table, in its units; all columns are lengths, areas and "
            "ratios, none is a category", original=words, compression=compression, metric="accuracy", models=models,
            scores=[(a["label"] == labels).mean() for a in answers], agreement=1 - deviates(*answers).mean(),
            rows=len(test), seeds="breast-cancer.csv", seeds_are="the held-out rows, with a header and the diagnosis in "
            "the last column", found=measure.near(models, feed, deviates, mover(columns), SIZES), unit="of the range of each "
            "column", script="table.py", labels=data.target_names, columns=columns)

    boosting = GradientBoostingClassifier(n_estimators=150, max_depth=3, subsample=0.8, random_state=1).fit(train, y)
    forest = RandomForestClassifier(12, max_depth=4, random_state=1).fit(train, boosting.predict(train))
    pair("table-boosting", onnx_of(boosting, train, "table-boosting", zipmap=False),
         onnx_of(forest, train, "table-boosting-forest", zipmap=False),
         "gradient boosting of scikit-learn, 150 trees of depth 3, exported by skl2onnx (TreeEnsembleClassifier)",
         "a random forest of 12 trees of depth 4, trained on the labels that the original gives to the training rows")
    mlp = make_pipeline(StandardScaler(), MLPClassifier((64, 32), alpha=0.01, max_iter=500, random_state=1)).fit(train, y)
    original = onnx_of(mlp, train, "table-mlp", zipmap=False)
    pair("table-mlp", original,
         compress.static(original, "table-mlp-int8", {"X": train.astype(np.float32)}, ["Gemm"]),
         "a multi-layer perceptron of scikit-learn, 30-64-32-1 with ReLU, standardisation in the graph, exported by "
         "skl2onnx", compress.STATIC.format(rows="the training rows"))


def diabetes():
    data = load_diabetes(scaled=False)
    names = ["age", "sex", "bmi", "blood_pressure", "tc", "ldl", "hdl", "tch", "ltg", "glucose"]
    train, test, y, targets = train_test_split(data.data, data.target, test_size=0.3, random_state=1)
    columns = columns_of(names, train)
    write_seeds("diabetes.csv", columns, test, "progression", targets.astype(int))
    mlp = make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(64, 32), alpha=1, max_iter=400, learning_rate_init=0.01,
                                                       early_stopping=True, random_state=1)).fit(train, y)
    original = onnx_of(mlp, train, "table-regression")
    compressed = compress.static(original, "table-regression-int8", {"X": train.astype(np.float32)}, ["Gemm"])
    models = [measure.Model(p) for p in (original, compressed)]
    feed = {"X": test.astype(np.float32)}
    answers = [m(feed)["variable"][:, 0] for m in models]

    def deviates(a, b):
        return np.abs(a["variable"] - b["variable"])[:, 0] > 5

    measure.card(
        "table-regression", kind="table", task="regression", what="how far diabetes went on in a year (25 to 346), from "
        "10 measures of a patient; two answers deviate where they are more than 5 apart", data=DIABETES,
        how="a row of the table, in its units; sex is the category 1 or 2, age is whole", original="a multi-layer perceptron of "
        "scikit-learn, 10-64-32-1 with ReLU, standardisation in the graph, exported by skl2onnx",
        compression=compress.STATIC.format(rows="the training rows"), metric="mean absolute error", models=models,
        scores=[mean_absolute_error(targets, a) for a in answers],
        agreement=(np.abs(answers[0] - answers[1]) <= 5).mean(), rows=len(test), seeds="diabetes.csv",
        seeds_are="the held-out rows, with a header and the target in the last column",
        found=measure.near(models, feed, deviates, mover(columns), SIZES), unit="of the range of each column",
        script="table.py", columns=columns)


if __name__ == "__main__":
    cancer()
    diabetes()
