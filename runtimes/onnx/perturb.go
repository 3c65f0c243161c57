package onnx

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/internal/modelfile"
)

// OpenPerturbed opens a copy of a model whose weights carry a known, small change; the file stays as it
// is. A search that cannot tell the copy from the original finds no deviation of that size in a compressed
// model either, so the copies measure the power of a search (see package gate).
//
// To every weight Gaussian noise is added whose standard deviation is size times that of the weight's own
// tensor: size 0.01 changes weights by 1 %. It is above 0 and at most 10. For comparison: rounding a tensor that
// spans 8 standard deviations to 255 steps changes it by 8/255/√12, which is 0.009. The same random seed gives
// the same copy, and another size the same noise, larger or smaller.
//
// Weights are float tensors (float16, bfloat16, float32, float64) of at least two dimensions that a layer multiplies
// with, such as Conv, Gemm, MatMul and LSTM; biases, parameters of normalisation and constants that stand
// for shapes stay. A model without such tensors, as quantised ones are, is an error: make the copy from
// the float original. Weights in files beside the model are read from there.
//
// The options are those of [OpenPair]; those for the original apply.
func OpenPerturbed(path string, size float64, randomSeed uint64, options ...Option) (*Model, error) {
	return openPerturbed(readPath, path, size, randomSeed, options)
}

// OpenPerturbedFS is [OpenPerturbed] for a model in a file system.
func OpenPerturbedFS(fsys fs.FS, path string, size float64, randomSeed uint64, options ...Option) (*Model, error) {
	return openPerturbed(fsReader(fsys), path, size, randomSeed, options)
}

// Perturbed is [OpenPerturbed] as a function of the size and the random seed, as a canary takes it:
//
//	HaveDeviationFrom(seeds).WithCanary(onnx.Perturbed("model.onnx", options...), 0.01)
func Perturbed(path string, options ...Option) func(size float64, randomSeed uint64) (model.Predictor, error) {
	return perturbed(readPath, path, options)
}

// PerturbedFS is [Perturbed] for a model in a file system.
func PerturbedFS(fsys fs.FS, path string, options ...Option) func(size float64, randomSeed uint64) (model.Predictor, error) {
	return perturbed(fsReader(fsys), path, options)
}

func perturbed(read reader, path string, options []Option) func(float64, uint64) (model.Predictor, error) {
	return func(size float64, randomSeed uint64) (model.Predictor, error) {
		m, err := openPerturbed(read, path, size, randomSeed, options)
		if err != nil {
			return nil, err // a nil *Model would be a predictor
		}
		return m, nil
	}
}

func openPerturbed(read reader, path string, size float64, randomSeed uint64, options []Option) (*Model, error) {
	if _, _, err := predictor.SettingsOf("onnx", predictor.AsOriginal, options); err != nil {
		return nil, err
	}
	file, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: %w", path, err)
	}
	changed, what, err := perturb(file, size, randomSeed)
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: perturbed copy: %w", path, err)
	}
	o := &opener{read: inMemory(path, changed)}
	m, err := predictor.OpenAs(o.runtime(), predictor.AsOriginal, path, options)
	if err != nil {
		return nil, err
	}
	predictor.Changed(m, func(d *model.Description) {
		d.Name += ", weights changed by " + percent(size)
		d.File = "" // the file has other weights
		d.Settings["perturbation"] = what
		d.Settings["perturbation_kind"] = "Gaussian noise on the weights, relative to the standard deviation of each tensor"
		d.Settings["perturbation_of"] = fmt.Sprintf("%s, sha256 %s", file.Path, file.SHA256)
	})
	return &Model{m, o.eightBit[predictor.AsOriginal]}, nil
}

// mostPerturbation is beyond every size that leaves something of a model.
const mostPerturbation = 10

// perturb returns the model as a file with changed weights, and says what was done. It changes the message that it is given.
func perturb(file *modelfile.Model, size float64, randomSeed uint64) (changed []byte, what string, err error) {
	if !(size > 0 && size <= mostPerturbation) {
		return nil, "", fmt.Errorf("expected a size above 0 and at most %d, relative to the standard deviation of each weight tensor, found %g", mostPerturbation, size)
	}
	model, err := file.InOne()
	if err != nil {
		return nil, "", err
	}
	weights, integers, err := floatWeights(model)
	if err != nil {
		return nil, "", err
	}
	if len(weights) == 0 {
		if integers > 0 {
			return nil, "", fmt.Errorf("expected a model with float weights, found a quantised one (%d nodes with integer weights): make the copy from the float original", integers)
		}
		return nil, "", fmt.Errorf("expected a model with float weights, found no layer that has them (Conv, Gemm, MatMul, …)")
	}
	values, moved := 0, 0
	for _, t := range weights {
		v, err := readWeights(t)
		if err != nil {
			return nil, "", err
		}
		deviation := standardDeviation(v)
		if math.IsNaN(deviation) || math.IsInf(deviation, 0) {
			return nil, "", fmt.Errorf("weights %q: expected finite values, found others", t.GetName())
		}
		addNoise(v, size*deviation, weightStream(t.GetName(), randomSeed))
		writeWeights(t, v)
		values += len(v)
		if deviation > 0 {
			moved++
		}
	}
	if moved == 0 {
		return nil, "", fmt.Errorf("expected weights that vary, found constant ones alone, in %s", weightNames(weights))
	}
	if changed, err = modelfile.Bytes(model); err != nil {
		return nil, "", err
	}
	what = fmt.Sprintf("Gaussian noise of %s of the standard deviation of each weight tensor, random seed %d; %d weights of %d tensors",
		percent(size), randomSeed, values, len(weights))
	if integers > 0 {
		what += fmt.Sprintf("; %d nodes with integer weights stay as they are", integers)
	}
	return changed, what, nil
}

func standardDeviation(values []float64) float64 {
	var mean, squares float64
	for i, v := range values { // Welford's update, which does not cancel
		d := v - mean
		mean += d / float64(i+1)
		squares += float64(d * (v - mean)) // a product that is rounded by itself on every processor
	}
	if len(values) == 0 {
		return 0
	}
	return math.Sqrt(squares / float64(len(values)))
}

func addNoise(values []float64, deviation float64, rng *rand.Rand) {
	for i := range values {
		values[i] += float64(deviation * rng.NormFloat64())
	}
}

// weightStream depends on the tensor's name, so that a layer gets the same noise whatever stands beside
// it.
func weightStream(name string, randomSeed uint64) *rand.Rand {
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte("perturbed weights "+name+"\x00"), randomSeed))
	return rand.New(rand.NewChaCha8(sum))
}

// percent is a share such as "1 %".
func percent(share float64) string {
	return strconv.FormatFloat(100*share, 'g', 6, 64) + " %"
}
