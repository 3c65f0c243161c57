#!/usr/bin/env bash
# skl2onnx 1.20.0 (scikit-learn 1.9.1, onnxruntime 1.32.0), seen 2026-11-28.
# Expected: a KNeighborsClassifier or KNeighborsRegressor with weights="distance" gives closer neighbours more weight after the conversion too.
# Found: every neighbour has the same weight: the converted model answers as scikit-learn does with weights="uniform", and nothing says so.
# Behind TopK the file multiplies the distances by -1, and then replaces what is below 0.000001 by that: all of them. Even of the rows
# that were trained with, each at distance 0 of itself, a fifth get other labels. float64 and optim="cdist" make no difference.
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
from sklearn.datasets import load_wine
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

warnings.simplefilter("ignore")
ort.set_default_logger_severity(3)
x, y = load_wine(return_X_y=True)


def run(model, rows, **options):
    file = to_onnx(model, rows[:1], options={type(model): options}, target_opset={"": 17, "ai.onnx.ml": 3, "com.microsoft": 1})
    return ort.InferenceSession(file.SerializeToString()).run(None, {"X": rows})


for dtype in np.float32, np.float64:
    for more in {}, {"optim": "cdist"}:
        for part, rows, truth in ("trained with", x[::2].astype(dtype), y[::2]), ("new", x[1::2].astype(dtype), y[1::2]):
            weighted, uniform = (KNeighborsClassifier(weights=w).fit(x[::2].astype(dtype), y[::2]) for w in ("distance", "uniform"))
            label, scores = run(weighted, rows, zipmap=False, **more)
            agree, right = (label == weighted.predict(rows)).mean(), (label == truth).mean()
            print(f"{dtype.__name__}, {more or 'defaults'}, rows {part}: {agree:.3f} have scikit-learn's label; right: {right:.3f}, "
                  f"scikit-learn {weighted.score(rows, truth):.3f}")
            assert agree < 0.9 and np.allclose(scores, uniform.predict_proba(rows), atol=1e-6)
            assert part == "new" or weighted.score(rows, truth) == 1
            weighted, uniform = (KNeighborsRegressor(weights=w).fit(x[::2].astype(dtype), y[::2]) for w in ("distance", "uniform"))
            values = run(weighted, rows, **more)[0].ravel()
            away = abs(values - weighted.predict(rows)).max()
            print(f"    regressor: at most {away:.2f} away from scikit-learn")
            assert away > 0.5 and np.allclose(values, uniform.predict(rows), atol=1e-6)
EOF
