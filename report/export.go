package report

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/npy"
)

// ExportTriggers writes triggers as one data set, an NPZ file that numpy.load reads, in place of an earlier one, all at
// once: what a compressed model is calibrated or trained with again. Its folder is made where it does not exist. For N
// triggers of shape S and K classes, in their order, the arrays are
//
//	inputs              (N, S…)  the triggers, before any model's preprocessing; uint8 for 8-bit inputs, else float32
//	seeds               (N, S…)  what each search started from
//	original_outputs    (N, K)   float32, scores of the original
//	compressed_outputs  (N, K)   float32, NaN or infinite for some where the compressed model's answer is not finite
//	original_labels     (N,)     int64
//	compressed_labels   (N,)     int64, or -1 where the compressed model's answer is not finite
//	true_labels         (N,)     int64, of the seed, or -1 where it is not known
//	seed_index          (N,)     int64, position among the seeds of the search
//
// Inputs that are sets have an array for each part in place of inputs and of seeds, called inputs/PART and seeds/PART.
//
// All triggers have to be of one shape, one domain and one number of classes, and with their inputs; see
// [engine.Trigger.Abridged]. The same triggers have the same bytes. generators.NPZ reads the arrays too.
func ExportTriggers(path string, triggers []*engine.Trigger) error {
	if err := exportTriggers(path, triggers); err != nil {
		return fmt.Errorf("report: export triggers: %s: %w", path, err)
	}
	return nil
}

func exportTriggers(path string, triggers []*engine.Trigger) error {
	if err := checkAlike(triggers); err != nil {
		return err
	}
	data, err := encodeTriggers(triggers)
	if err != nil {
		return err
	}
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	return writeFile(path, data)
}

// checkAlike finds triggers that do not fit into common arrays.
func checkAlike(triggers []*engine.Trigger) error {
	if len(triggers) == 0 {
		return errors.New("expected triggers, found none")
	}
	for i, t := range triggers {
		if t == nil {
			return fmt.Errorf("trigger %d of %d is nil", i+1, len(triggers))
		}
		which := fmt.Sprintf("trigger %d of %d (%s)", i+1, len(triggers), t.ID)
		if t.Abridged() {
			return fmt.Errorf("%s: expected its input, found its numbers alone", which)
		}
		first := triggers[0]
		for _, in := range []input.Input{t.Input, t.Seed} {
			if err := in.Validate(); err != nil {
				return fmt.Errorf("%s: %w", which, err)
			}
			if !in.Like(first.Input) {
				return fmt.Errorf("%s: expected %s as of the first, found %s", which, first.Input, in)
			}
		}
		if n := len(first.Original.Scores); n == 0 || len(t.Original.Scores) != n || len(t.Compressed.Scores) != n {
			return fmt.Errorf("%s: expected %d scores of both models as of the first, found %d and %d", which, n, len(t.Original.Scores), len(t.Compressed.Scores))
		}
	}
	return nil
}

// arraysOf are the parts of a set, and an input of one part as a part without a name.
func arraysOf(in input.Input) []input.Part {
	if parts := in.Parts(); len(parts) > 0 {
		return parts
	}
	return []input.Part{{Shape: in.Shape, Domain: in.Domain, Values: in.Data}}
}

// encodeTriggers makes the file of triggers that are alike.
func encodeTriggers(triggers []*engine.Trigger) ([]byte, error) {
	n := len(triggers)
	var arrays []npy.Named
	var errs []error
	add := func(name string, d npy.DType, shape []int, of func(data []byte, t *engine.Trigger) ([]byte, error)) {
		array := npy.Array{DType: d, Shape: shape}
		for _, t := range triggers {
			var err error
			if array.Data, err = of(array.Data, t); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
		}
		arrays = append(arrays, npy.Named{Name: name, Array: array})
	}
	for _, inputs := range []struct {
		name string
		of   func(t *engine.Trigger) input.Input
	}{
		{"inputs", func(t *engine.Trigger) input.Input { return t.Input }},
		{"seeds", func(t *engine.Trigger) input.Input { return t.Seed }},
	} {
		for i, of := range arraysOf(triggers[0].Input) {
			dtype := npy.Uint8
			for _, t := range triggers {
				if array := arraysOf(inputs.of(t))[i]; dtypeOf(array.Domain, array.Values) != dtype {
					dtype = npy.Float32
				}
			}
			name := inputs.name
			if of.Name != "" {
				name += "/" + of.Name
			}
			add(name, dtype, append([]int{n}, of.Shape...), func(data []byte, t *engine.Trigger) ([]byte, error) {
				return dtype.AppendFloat32s(data, arraysOf(inputs.of(t))[i].Values...)
			})
		}
	}
	for _, scores := range []struct {
		name string
		of   func(t *engine.Trigger) []float32
	}{
		{"original_outputs", func(t *engine.Trigger) []float32 { return t.Original.Scores }},
		{"compressed_outputs", func(t *engine.Trigger) []float32 { return t.Compressed.Scores }},
	} {
		add(scores.name, npy.Float32, []int{n, len(triggers[0].Original.Scores)}, func(data []byte, t *engine.Trigger) ([]byte, error) {
			return npy.Float32.AppendFloat32s(data, scores.of(t)...)
		})
	}
	for _, numbers := range []struct {
		name string
		of   func(t *engine.Trigger) int
	}{
		{"original_labels", func(t *engine.Trigger) int { return t.OriginalLabel }},
		{"compressed_labels", func(t *engine.Trigger) int { return t.CompressedLabel }},
		{"true_labels", func(t *engine.Trigger) int { return t.SeedLabel }},
		{"seed_index", func(t *engine.Trigger) int { return t.SeedIndex }},
	} {
		add(numbers.name, npy.Int64, []int{n}, func(data []byte, t *engine.Trigger) ([]byte, error) {
			return npy.Int64.AppendInt64s(data, int64(numbers.of(t)))
		})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var file bytes.Buffer
	err := npy.WriteArchive(&file, arrays...)
	return file.Bytes(), err
}
