package generators_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/inputtest"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

// columns are those of a table: shares, whole numbers, numbers of either sign, a category, a switch, and large numbers.
var columns = []input.Domain{
	{Min: 0, Max: 1}, {Min: 0, Max: 100, Step: 1}, {Min: -5, Max: 5}, {Min: 0, Max: 3, Step: 1}, {Min: 0, Max: 1, Step: 1}, {Min: 1e3, Max: 1e6, Step: 50}, input.Bytes,
}

// drawMixed draws an input whose values differ in their domains: a row, a set, or an image whose channels differ.
func drawMixed(t *rapid.T, rng *rand.Rand) input.Input {
	some := make([]input.Domain, rapid.IntRange(2, 12).Draw(t, "columns"))
	for i := range some {
		some[i] = columns[rng.IntN(len(columns))]
	}
	row, err := input.NewRow(slices.Collect(func(yield func(float32) bool) {
		for _, d := range some {
			if !yield(d.Snap(d.Min + d.Range()*rng.Float32())) {
				return
			}
		}
	}), some)
	if err != nil {
		t.Fatal(err)
	}
	side := rapid.IntRange(1, 8).Draw(t, "side")
	image := randomInput([]int{side, side + 1, 3}, input.Bytes, rng)
	switch rapid.SampledFrom([]string{"row", "set", "image"}).Draw(t, "kind") {
	case "row":
		return row
	case "set":
		fixed := randomInput([]int{2}, input.Domain{Min: 0, Max: 1}, rng)
		set, err := input.Join(input.Searched("facts", row), input.Fixed("rate", fixed), input.Searched("picture", image))
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	image.Layout = &input.Layout{Domains: make([]input.Domain, len(image.Data))}
	for i := range image.Data {
		image.Layout.Domains[i] = []input.Domain{input.Bytes, {Min: 0, Max: 255, Step: 5}, {Min: 100, Max: 200}}[i%3]
		image.Data[i] = image.Layout.Domains[i].Snap(image.Data[i])
	}
	return image
}

// However the domains of values differ, an operator leaves each in its own, and the parts of a set as they are.
func TestMutatorsKeepEveryValueInItsDomain(t *testing.T) {
	mutators := allMutators(t)
	for _, m := range allMutators(t) {
		mutators = append(mutators, generators.On("picture", m), generators.On("facts", m))
	}
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "random seed")
		src := drawMixed(t, rand.New(rand.NewPCG(seed, 0)))
		for _, m := range mutators {
			checkContract(t, m, src, seed)
			if severe, ok := m.(input.SeverityMutator); ok {
				dst := src.Clone()
				if severe.MutateAt(dst, src, 0.7, seed); dst.Validate() != nil {
					t.Fatalf("%s: %v", m, dst.Validate())
				}
				if severe.MutateAt(dst, src, 0, seed); !slices.Equal(dst.Data, src.Data) {
					t.Fatalf("%s at severity 0 changed %s", m, src)
				}
			}
		}
	})
}

// What an operator needs is said by the kind of an input, not by its shape.
func TestOperatorsFitKinds(t *testing.T) {
	all := slices.Concat(generators.Published(), corruptions())
	names := func(in input.Input) (fit []string) {
		for _, m := range all {
			if err := input.Supports(m, in); err == nil {
				fit = append(fit, m.String())
			} else if !strings.HasPrefix(err.Error(), m.String()+": expected ") || !strings.Contains(err.Error(), ", found ") {
				t.Errorf("%s: error %v", m, err)
			}
		}
		return fit
	}
	noise := []string{"gaussian-noise", "salt-and-pepper", "speckle-noise", "pixel-change"}
	for kind, want := range map[input.Kind][]string{
		input.Image:  {"all"},
		input.Other:  append(slices.Clone(noise), "shot-noise", "impulse-noise", "brightness", "contrast", "gamma"),
		input.Signal: append(slices.Clone(noise), "impulse-noise"),
		input.Row:    append(slices.Clone(noise), "impulse-noise"),
		"ecg":        append(slices.Clone(noise), "impulse-noise"),
		input.Tokens: {"pixel-change"},
	} {
		in := randomInput([]int{6, 6, 3}, input.Bytes, rand.New(rand.NewPCG(1, 2)))
		in.Kind = kind
		if kind == input.Image {
			want = names(in)
			if len(want) != len(all) {
				t.Errorf("an image takes %v alone", want)
			}
		}
		if diff := cmp.Diff(want, names(in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

func TestOnAPart(t *testing.T) {
	image := randomInput([]int{6, 6, 1}, input.Bytes, rand.New(rand.NewPCG(1, 2)))
	tokens := input.Input{Shape: []int{4}, Data: []float32{1, 2, 3, 4}, Domain: input.Bytes, Kind: input.Tokens}
	set := model.Must(input.Join(input.Searched("text", tokens), input.Searched("picture", image), input.Fixed("mask", tokens)))
	blur := generators.On("picture", must(t)(generators.AverageBlur(3)))
	if blur.String() != "average-blur on picture" {
		t.Errorf("it is called %s", blur)
	}
	if _, ok := blur.(input.SeverityMutator); ok {
		t.Error("a blur has severities on a part")
	}
	dst, want := set.Clone(), image.Clone()
	blur.Mutate(dst, set, rand.New(rand.NewPCG(3, 4)))
	must(t)(generators.AverageBlur(3)).Mutate(want, image, rand.New(rand.NewPCG(3, 4)))
	if !slices.Equal(dst.Data[:4], tokens.Data) || !slices.Equal(dst.Data[4:], want.Data) {
		t.Error("the picture is not blurred, or something else is changed")
	}
	rotation, ok := generators.On("picture", must(t)(generators.ByName("rotation"))).(input.SeverityMutator)
	if !ok {
		t.Fatal("rotation has no severity on a part")
	}
	rotation.MutateAt(dst, set, 1, 5)
	if slices.Equal(dst.Data, set.Data) || !slices.Equal(dst.Data[:4], tokens.Data) {
		t.Error("the picture is not rotated, or something else is changed")
	}
	if allocs := testing.AllocsPerRun(20, func() { rotation.MutateAt(dst, set, 0.5, 5) }); allocs > 0 && !inputtest.RaceDetector {
		t.Errorf("%g allocations a mutant", allocs)
	}
	for part, says := range map[string]string{
		"text": `part text: average-blur: expected an image, shape [height width channels] or [height width], found tokens [4]`,
		"mask": `average-blur on mask: expected a set with a searched part "mask", found `,
		"no":   `average-blur on no: expected a set with a searched part "no", found `,
	} {
		m := generators.On(part, must(t)(generators.AverageBlur(3)))
		if err := input.Supports(m, set); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
		m.Mutate(dst, set, rand.New(rand.NewPCG(3, 4)))
		if !slices.Equal(dst.Data, set.Data) {
			t.Errorf("%s changed what it does not support", m)
		}
	}
	if err := input.Supports(blur, image); err == nil {
		t.Error("an image alone is a set")
	}
	if err := input.Supports(generators.On("picture", nil), set); err == nil || !strings.Contains(err.Error(), "found nil") {
		t.Errorf("no operator on a part: %v", err)
	}
}
