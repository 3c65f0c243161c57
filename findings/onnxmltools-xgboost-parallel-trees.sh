#!/usr/bin/env bash
# onnxmltools 1.16.0, XGBoost 3.2.0 (xgboost-cpu), onnxruntime 1.32.0, seen 2026-11-29.
# Expected: a random forest of XGBoost, or boosting with several trees a round, is converted like other models, or refused.
# Found: convert_xgboost deals trees out to the classes in turn, but XGBoost keeps the parallel trees of a class together. With more than two
# classes nearly all labels are wrong. Where such a model stopped early, trees are cut off as if a round had one, and regressions differ too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnxmltools==1.16.0 skl2onnx==1.20.0 xgboost-cpu==3.2.0 scikit-learn==1.9.1 onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
venv/bin/python - <<'EOF'
import numpy as np
import onnxruntime as ort
from onnxmltools import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.datasets import load_diabetes, load_digits
from xgboost import XGBClassifier, XGBRegressor, XGBRFClassifier

ort.set_default_logger_severity(3)


def converted(model, data):
    x, y = data(return_X_y=True)
    x = x.astype(np.float32)
    stops = {"eval_set": [(x[1::2], y[1::2])], "verbose": False} if model.early_stopping_rounds else {}
    model.fit(x[::2], y[::2], **stops)
    file = convert_xgboost(model, initial_types=[("x", FloatTensorType([None, x.shape[1]]))], target_opset=15)
    session = ort.InferenceSession(file.SerializeToString(), providers=["CPUExecutionProvider"])
    return x[1::2], y[1::2], session.run(None, {"x": x[1::2]})


common = {"random_state": 0, "n_jobs": 1}
for what, model, differs in (
        ("boosting", XGBClassifier(n_estimators=10, **common), False),
        ("boosting, 4 trees a round", XGBClassifier(n_estimators=10, num_parallel_tree=4, subsample=0.6, **common), True),
        ("random forest", XGBRFClassifier(n_estimators=10, **common), True)):
    rows, truth, (labels, scores) = converted(model, load_digits)
    others = (labels != model.predict(rows)).sum()
    print(f"digits, {what}: {others} of {len(rows)} labels differ; right: {(labels == truth).mean():.0%}, XGBoost {(model.predict(rows) == truth).mean():.0%}")
    assert others > 700 if differs else others == 0
for what, several, stops in ("3 trees a round", 3, None), ("one tree a round, stopped early", 1, 2), ("3 trees a round, stopped early", 3, 2):
    model = XGBRegressor(n_estimators=60, num_parallel_tree=several, subsample=0.5, early_stopping_rounds=stops, **common)
    rows, truth, (found,) = converted(model, load_diabetes)
    off = np.abs(found[:, 0] - model.predict(rows)).max()
    print(f"diabetes, {what}: predictions differ by up to {off:.2g}, of values up to {model.predict(rows).max():.0f}")
    assert off > 10 if several > 1 and stops else off < 0.01
EOF
