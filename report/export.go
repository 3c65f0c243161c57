package report

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
)

// npyInt is the type of labels and indexes.
const npyInt = "<i8"

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
		for _, in := range []engine.Input{t.Input, t.Seed} {
			if err := in.Validate(); err != nil {
				return fmt.Errorf("%s: %w", which, err)
			}
			if !slices.Equal(in.Shape, first.Input.Shape) || in.Domain != first.Input.Domain {
				return fmt.Errorf("%s: expected %s as of the first, found %s", which, first.Input, in)
			}
		}
		if n := len(first.Original); n == 0 || len(t.Original) != n || len(t.Compressed) != n {
			return fmt.Errorf("%s: expected %d scores of both models as of the first, found %d and %d", which, n, len(t.Original), len(t.Compressed))
		}
	}
	return nil
}

// encodeTriggers makes the file of triggers that are alike.
func encodeTriggers(triggers []*engine.Trigger) ([]byte, error) {
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	add := func(name string, array []byte) error {
		w, err := archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Deflate}) // without a time
		if err != nil {
			return err
		}
		_, err = w.Write(array)
		return err
	}
	var errs []error
	shape, n := triggers[0].Input.Shape, len(triggers)
	for _, array := range []struct {
		name string
		of   func(t *engine.Trigger) engine.Input
	}{
		{"inputs", func(t *engine.Trigger) engine.Input { return t.Input }},
		{"seeds", func(t *engine.Trigger) engine.Input { return t.Seed }},
	} {
		dtype := npyBytes
		for _, t := range triggers {
			if npyType(array.of(t)) == npyFloat {
				dtype = npyFloat
			}
		}
		data := npyStart(dtype, append([]int{n}, shape...))
		for _, t := range triggers {
			data = appendValues(data, dtype, array.of(t).Data)
		}
		errs = append(errs, add(array.name, data))
	}
	for _, array := range []struct {
		name string
		of   func(t *engine.Trigger) []float32
	}{
		{"original_outputs", func(t *engine.Trigger) []float32 { return t.Original }},
		{"compressed_outputs", func(t *engine.Trigger) []float32 { return t.Compressed }},
	} {
		data := npyStart(npyFloat, []int{n, len(triggers[0].Original)})
		for _, t := range triggers {
			data = appendValues(data, npyFloat, array.of(t))
		}
		errs = append(errs, add(array.name, data))
	}
	for _, array := range []struct {
		name string
		of   func(t *engine.Trigger) int
	}{
		{"original_labels", func(t *engine.Trigger) int { return t.OriginalLabel }},
		{"compressed_labels", func(t *engine.Trigger) int { return t.CompressedLabel }},
		{"true_labels", func(t *engine.Trigger) int { return t.SeedLabel }},
		{"seed_index", func(t *engine.Trigger) int { return t.SeedIndex }},
	} {
		data := npyStart(npyInt, []int{n})
		for _, t := range triggers {
			data = binary.LittleEndian.AppendUint64(data, uint64(array.of(t)))
		}
		errs = append(errs, add(array.name, data))
	}
	errs = append(errs, archive.Close())
	return buffer.Bytes(), errors.Join(errs...)
}
