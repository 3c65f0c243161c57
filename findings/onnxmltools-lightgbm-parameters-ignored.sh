#!/usr/bin/env bash
# onnxmltools 1.16.0, LightGBM 4.7.0, onnxruntime 1.32.0, seen 2026-11-29.
# Expected: a model of LightGBM that is converted gives its predictions, or an error says what cannot be converted, as for cross_entropy.
# Found: convert_lightgbm leaves parameters out that the file of LightGBM has, and says nothing. With linear_tree leaves give constants; with
# zero_as_missing the rows with a 0 go the other way, so that labels change. With reg_sqrt predictions are the roots of those of LightGBM,
# boosting_type="rf" divides the sum of the trees by 100, however many there are. Of a classifier, sigmoid counts as 1, and the probabilities of
# objective="multiclassova" are those of a softmax. Labels of the last two are right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnxmltools==1.16.0 skl2onnx==1.20.0 lightgbm==4.7.0 scikit-learn==1.9.1 onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
venv/bin/python - <<'EOF'
import warnings

import numpy as np
import onnxruntime as ort
from lightgbm import LGBMClassifier, LGBMRegressor
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

warnings.simplefilter("ignore")
ort.set_default_logger_severity(3)


def converted(kind, data, **parameters):
    x, y = data(return_X_y=True)
    x = np.rint(x * 1024) / 1024  # so that what lies between two values is no matter of float32
    model = kind(n_estimators=20, random_state=0, n_jobs=1, verbose=-1, **parameters).fit(x[::2], y[::2])
    file = convert_lightgbm(model, initial_types=[("x", FloatTensorType([None, x.shape[1]]))], zipmap=False, target_opset=15)
    session = ort.InferenceSession(file.SerializeToString(), providers=["CPUExecutionProvider"])
    return model, x[1::2], session.run(None, {"x": x[1::2].astype(np.float32)})


for data, parameters, labels_change, scores_change in (
        (load_digits, {}, False, False),
        (load_digits, {"linear_tree": True}, True, True),
        (load_digits, {"zero_as_missing": True}, True, True),
        (load_digits, {"objective": "multiclassova"}, False, True),
        (load_breast_cancer, {}, False, False),
        (load_breast_cancer, {"sigmoid": 3.0}, False, True)):
    model, rows, (labels, scores) = converted(LGBMClassifier, data, **parameters)
    others, off = (labels != model.predict(rows)).sum(), np.abs(scores - model.predict_proba(rows)).max()
    print(f"{data.__name__[5:]}, {parameters or 'as it is'}: {others} of {len(rows)} labels differ, probabilities by up to {off:.1g}")
    assert (others > 10) == labels_change and (off > 0.1) == scores_change and (scores_change or off < 1e-5)
for parameters in {}, {"reg_sqrt": True}, {"linear_tree": True}, {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.7}:
    model, rows, (found,) = converted(LGBMRegressor, load_diabetes, **parameters)
    truth, found = model.predict(rows), found[:, 0].astype(float)
    print(f"diabetes, {parameters or 'as it is'}: LightGBM predicts {truth[:3].round(1).tolist()}, the converted model {found[:3].round(1).tolist()}")
    assert (np.median(np.abs(found - truth)) > 1) == bool(parameters)
    if "reg_sqrt" in parameters:
        assert np.median(np.abs(found - np.sqrt(truth))) < 0.1
    if "boosting_type" in parameters:
        assert np.allclose(found, truth * 20 / 100, rtol=1e-4)
EOF
