#!/usr/bin/env bash
# skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0), seen 2026-11-28.
# Expected: the class of the highest score is the label, as in every other converter of a classifier.
# Found: for SVC and NuSVC of two classes the output "probabilities" holds decision values, those of class 1 first: the
# highest score is never that of the label. The output "label" is right. With three classes the highest score is the label's.
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
from sklearn.datasets import make_classification
from sklearn.svm import NuSVC, SVC

warnings.simplefilter("ignore")
for model in SVC(), NuSVC():
    for classes, expected in (2, 0.0), (3, 1.0):
        x, y = make_classification(300, 6, n_informative=5, n_redundant=0, n_classes=classes, random_state=0)
        x = x.astype(np.float32)
        model.fit(x, y)
        file = to_onnx(model, x[:1], options={type(model): {"zipmap": False}}, target_opset=17)
        label, scores = ort.InferenceSession(file.SerializeToString()).run(None, {"X": x})
        assert (label == model.predict(x)).all()
        agree = (scores.argmax(1) == label).mean()
        print(f"{model}, {classes} classes: first scores {scores[0]}, label {label[0]}; highest score is the label's: {agree:.3f}")
        assert agree == expected if classes == 2 else agree > 0.9
EOF
