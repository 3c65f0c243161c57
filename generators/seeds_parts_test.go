package generators_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/npy"
)

// partsFile is an archive of three questions.
func partsFile(t testing.TB) string {
	t.Helper()
	array := func(a npy.Array, err error) npy.Array {
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	numbers := func(d npy.DType, shape []int, values ...float32) npy.Array {
		return array(npy.FromFloat32s(d, shape, values))
	}
	whole := func(d npy.DType, shape []int, values ...int64) npy.Array {
		return array(npy.FromInt64s(d, shape, values))
	}
	var file bytes.Buffer
	if err := npy.WriteArchive(&file,
		npy.Named{Name: "ids", Array: whole(npy.Int64, []int{3, 4}, 5, 6, 7, 0, 1, 2, 3, 4, 9, 9, 0, 0)},
		npy.Named{Name: "photo", Array: whole(npy.Uint8, []int{3, 1, 2}, 1, 2, 3, 4, 5, 6)},
		npy.Named{Name: "wave", Array: numbers(npy.Float32, []int{3, 2, 2}, 0, 0.25, 0.5, 0.75, 1, 0, 1, 0, 0.5, 0.5, 0.5, 0.5)},
		npy.Named{Name: "sr", Array: whole(npy.Int32, []int{}, 16000)},
		npy.Named{Name: "length", Array: whole(npy.Int64, []int{3}, 3, 4, 2)},
		npy.Named{Name: "state", Array: numbers(npy.Float64, []int{3, 2}, -1, 1, 0, 0, 2, 2)},
		npy.Named{Name: "mask", Array: whole(npy.Bool, []int{3, 4}, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0)},
		npy.Named{Name: "large", Array: whole(npy.Int64, []int{3}, 0, 1<<24+1, 0)},
		npy.Named{Name: "labels", Array: whole(npy.Int64, []int{3}, 1, 0, 1)},
		npy.Named{Name: "two", Array: whole(npy.Int64, []int{2, 1}, 1, 0)},
	); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "questions.npz")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var vocabulary = input.Domain{Min: 0, Max: 9, Step: 1}

func TestPartsOfAnArchive(t *testing.T) {
	path := partsFile(t)
	options := []generators.ArrayOption{
		generators.Parts("ids", "photo", "wave"), generators.FixedParts("sr", "length", "state"), generators.LabelKey("labels"),
		generators.ForPart("ids", generators.In(vocabulary), generators.OfKind(input.Tokens)),
		generators.ForPart("wave", generators.In(input.Domain{Min: 0, Max: 1})),
		generators.ForPart("state", generators.Shaped(1, 2)),
	}
	seeds, err := generators.NPZ(path, "", options...)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(input.NotesOf(seeds)); seeds.Len() != 3 || got != "[other arrays of the archive are not read: mask, large, two]" {
		t.Errorf("%d seeds, notes %s", seeds.Len(), got)
	}
	opened, err := generators.Open(path, generators.Parts("ids", "photo", "wave"), generators.FixedParts("sr", "length", "state"), options[2], options[3], options[4], options[5])
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"ids tokens [4] 0..9 step 1 [5 6 7 0]; photo image [1 2 1] 0..255 step 1 [1 2]; wave other [2 2] 0..1 [0 0.25 0.5 0.75]; sr (fixed) [1] [16000]; length (fixed) [1] [3]; state (fixed) [1 2] [-1 1]; ",
		"ids tokens [4] 0..9 step 1 [1 2 3 4]; photo image [1 2 1] 0..255 step 1 [3 4]; wave other [2 2] 0..1 [1 0 1 0]; sr (fixed) [1] [16000]; length (fixed) [1] [4]; state (fixed) [1 2] [0 0]; ",
		"ids tokens [4] 0..9 step 1 [9 9 0 0]; photo image [1 2 1] 0..255 step 1 [5 6]; wave other [2 2] 0..1 [0.5 0.5 0.5 0.5]; sr (fixed) [1] [16000]; length (fixed) [1] [2]; state (fixed) [1 2] [2 2]; ",
	} {
		seed, err := seeds.Seed(i)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, p := range seed.Input.Parts() {
			if p.Fixed {
				text += fmt.Sprintf("%s (fixed) %v %v; ", p.Name, p.Shape, p.Values)
			} else {
				text += fmt.Sprintf("%s %s %v %s %v; ", p.Name, p.Kind, p.Shape, p.Domain, p.Values)
			}
		}
		if text != want {
			t.Errorf("seed %d: got %s, expected %s", i, text, want)
		}
		if err := seed.Input.Validate(); err != nil {
			t.Error(err)
		}
		if seed.Label != []int{1, 0, 1}[i] || seed.Name != fmt.Sprintf("questions.npz[%d]", i) {
			t.Errorf("got %q of class %d", seed.Name, seed.Label)
		}
		again, err := opened.Seed(i)
		if err != nil || again.Input.ID() != seed.Input.ID() {
			t.Errorf("got %v, %v", again, err)
		}
	}
	// Selections know the labels.
	if seed, err := generators.Every(seeds, 2).Seed(1); err != nil || seed.Label != 1 || seed.Name != "questions.npz[2]" {
		t.Errorf("got %v, %v", seed, err)
	}
}

// TestOneSearchedPart: its options need no ForPart, and bool needs none.
func TestOneSearchedPart(t *testing.T) {
	path := partsFile(t)
	seeds, err := generators.NPZ(path, "", generators.Parts("ids"), generators.FixedParts("mask"), generators.In(vocabulary), generators.OfKind(input.Tokens))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := seeds.Seed(2)
	if err != nil || seed.Input.Kind != input.Tokens || seed.Input.Domain != vocabulary || fmt.Sprint(seed.Input.Data) != "[9 9 0 0]" || seed.Label != input.Unlabelled {
		t.Errorf("got %+v, %v", seed, err)
	}
	mask, _ := seed.Input.Part("mask")
	if fmt.Sprint(mask.Data) != "[1 1 0 0]" {
		t.Errorf("got %v", mask.Data)
	}
	if flags, err := generators.NPZ(path, "", generators.Parts("mask")); err != nil {
		t.Error(err)
	} else if seed, err := flags.Seed(0); err != nil || seed.Input.Domain != (input.Domain{Min: 0, Max: 1, Step: 1}) {
		t.Errorf("got %v, %v", seed, err)
	}
}

func TestPartsThatCannotBe(t *testing.T) {
	path := partsFile(t)
	plain := filepath.Join(t.TempDir(), "x.npy")
	data, err := (npy.Array{DType: npy.Uint8, Shape: []int{2, 2}, Data: []byte{1, 2, 3, 4}}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(plain, data, 0o600); err != nil {
		t.Fatal(err)
	}
	in := generators.In(vocabulary)
	for _, test := range []struct {
		path, key string
		options   []generators.ArrayOption
		want      string
	}{
		{path, "", []generators.ArrayOption{generators.Parts("tokens")}, `array "tokens": expected one of ids, photo, wave, sr, length, state, mask, large, labels, two`},
		{path, "ids", []generators.ArrayOption{generators.Parts("ids"), in}, `option Parts: expected no key of one array, found "ids"`},
		{path, "", []generators.ArrayOption{generators.Parts()}, "option Parts: expected the names of arrays, found none"},
		{path, "", []generators.ArrayOption{generators.Parts("ids", "ids")}, `option Parts: expected each array once, by its name, found ["ids" "ids"]`},
		{path, "", []generators.ArrayOption{generators.Parts("ids"), generators.FixedParts("ids")}, `option FixedParts: expected each array once, by its name, found ["ids"]`},
		{path, "", []generators.ArrayOption{generators.FixedParts("ids")}, "option FixedParts: expected Parts too, since nothing is searched"},
		{path, "", []generators.ArrayOption{generators.Parts("ids"), in, generators.Single()}, "option Parts: expected no Single"},
		{path, "", []generators.ArrayOption{generators.Parts("ids", "mask"), in}, "expected In, OfKind and Shaped inside ForPart(name, …), since there are 2 searched parts, found one outside"},
		{path, "", []generators.ArrayOption{generators.Parts("ids"), generators.ForPart("mask", in)}, `option ForPart: expected one of the parts that Parts and FixedParts name, found "mask"`},
		{path, "", []generators.ArrayOption{generators.ForPart("mask", in)}, `option ForPart: expected one of the parts that Parts and FixedParts name, found "mask"`},
		{path, "", []generators.ArrayOption{generators.Parts("ids"), generators.ForPart("ids", generators.LabelKey("labels"))}, `option ForPart("ids"): expected In, OfKind and Shaped, found another option`},
		{path, "", []generators.ArrayOption{generators.Parts("ids"), generators.ForPart("ids")}, `option ForPart("ids"): expected In, OfKind or Shaped, found none`},
		{path, "", []generators.ArrayOption{generators.Parts("ids"), generators.ForPart("ids", generators.Shaped(0))}, `option ForPart("ids"): option Shaped: shape [0]`},
		{path, "", []generators.ArrayOption{generators.Parts("ids")}, path + "/ids: type i8: expected the option In"},
		{path, "", []generators.ArrayOption{generators.Parts("ids"), in, generators.FixedParts("two")}, `expected 3 seeds in every part, as in "ids", found 2 in "two"`},
		{path, "", []generators.ArrayOption{generators.Parts("sr"), in}, path + "/sr: expected an array whose first dimension counts the seeds, found one number; generators.FixedParts takes it for all seeds"},
		{path, "", []generators.ArrayOption{generators.Parts("ids"), in, generators.LabelKey("two")}, path + "/two: expected 3 labels, one a seed, found 2"},
		{path, "", []generators.ArrayOption{generators.Parts("ids"), generators.In(input.Domain{Min: 0, Max: 6, Step: 1})}, path + "/ids[0]: value 7 at index 2: expected a value of the domain 0..6 step 1"},
		{path, "", []generators.ArrayOption{generators.Parts("ids"), in, generators.FixedParts("large")}, path + "/large[1]: value 16777216 at index 0: expected whole numbers below 16777216, which a float32 holds exactly"},
		{plain, "", []generators.ArrayOption{generators.Parts("ids")}, ""},
	} {
		check := func(seeds input.Seeds, err error) {
			t.Helper()
			for i := 0; err == nil && i < seeds.Len(); i++ {
				_, err = seeds.Seed(i)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "generators: ") || strings.Count(err.Error(), "\n") > 0 {
				t.Errorf("expected %s, found %v", test.want, err)
			}
		}
		check(generators.NPZ(test.path, test.key, test.options...))
		if test.path == plain {
			test.want = "Parts, FixedParts and ForPart are for NPZ files, with an array for each part"
			check(generators.NPY(test.path, test.options...))
			opened := []generators.OpenOption{}
			for _, o := range test.options {
				opened = append(opened, o)
			}
			check(generators.Open(test.path, opened...))
		}
	}
}
