#!/usr/bin/env bash
# skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0), seen 2026-11-28.
# Expected: the label of a converted SGDClassifier is that of scikit-learn, the class of the highest decision value, also when the probabilities of
# two classes are equal.
# Found: the converter takes the label from the probabilities. With loss="modified_huber" these are cut off at 0 and 1, so that ties are common,
# and the first of the tied classes becomes the label: an eighth of the digits get another one than from scikit-learn, with the same
# probabilities. With loss="log_loss" it happens as well, but rarely. With raw_scores=True the labels agree.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check skl2onnx==1.20.0 scikit-learn==1.9.1 onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
venv/bin/python - <<'EOF'
import warnings

import numpy as np
import onnxruntime as ort
from skl2onnx import to_onnx
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")
ort.set_default_logger_severity(3)
x, y = load_digits(return_X_y=True)
x = StandardScaler().fit_transform(x).astype(np.float32)
rows, truth = x[1::2], y[1::2]
for loss in "modified_huber", "log_loss":
    model = SGDClassifier(loss=loss, random_state=0).fit(x[::2], y[::2])
    expected, probabilities = model.predict(rows), model.predict_proba(rows)
    for raw in False, True:
        file = to_onnx(model, x[:1], options={SGDClassifier: {"zipmap": False, "raw_scores": raw}}, target_opset=17)
        label, scores = ort.InferenceSession(file.SerializeToString()).run(None, {"X": rows})
        other = np.flatnonzero(label != expected)
        print(f"{loss}, raw_scores={raw}: {len(other)} of {len(rows)} labels differ; right: {(label == truth).mean():.3f}, "
              f"scikit-learn {(expected == truth).mean():.3f}")
        if raw:
            assert len(other) == 0
            continue
        print(f"    row {other[0]}: label {label[other[0]]}, scikit-learn {expected[other[0]]}, probabilities {[round(float(p), 3) for p in scores[other[0]]]}")
        assert np.allclose(scores, probabilities, atol=1e-6)
        assert np.isclose(probabilities[other, label[other]], probabilities[other, expected[other]], atol=1e-6).all()
        assert len(other) > (50 if loss == "modified_huber" else 0)
EOF
