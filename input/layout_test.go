package input_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

var (
	unit = input.Domain{Min: 0, Max: 1}
	flag = input.Domain{Min: 0, Max: 1, Step: 1}
)

func ids(values ...float32) input.Input {
	return input.Input{Shape: []int{len(values)}, Data: values, Domain: input.Domain{Min: 0, Max: 99, Step: 1}, Kind: input.Tokens}
}

func TestASetWithOneSearchedPartIsLikeThatPart(t *testing.T) {
	rate := input.Input{Shape: []int{1}, Data: []float32{16000}, Domain: input.Domain{Min: 0, Max: 48000, Step: 1}}
	set := model.Must(input.Join(input.Searched("ids", ids(3, 1, 4)), input.Fixed("sr", rate)))
	if err := set.Validate(); err != nil {
		t.Fatal(err)
	}
	if set.Kind != input.Tokens || !slices.Equal(set.Shape, []int{3}) || !slices.Equal(set.Data, []float32{3, 1, 4}) || !set.Uniform() {
		t.Errorf("found %s with %v", set, set.Data)
	}
	sr, ok := set.Part("sr")
	if !ok || !slices.Equal(sr.Data, rate.Data) {
		t.Errorf("part sr: found %v, %t", sr, ok)
	}
	if _, ok := set.Part("mask"); ok {
		t.Error("found a part that is not there")
	}
	set.Data[1] = 9
	if part, _ := set.Part("ids"); part.Data[1] != 9 || len(set.Parts()) != 2 || set.Parts()[0].Values[1] != 9 {
		t.Error("expected a searched part to be the memory of the set")
	}
	other := model.Must(input.Join(input.Searched("ids", ids(5, 6, 7)), input.Fixed("sr", rate)))
	if !set.Like(other) || set.ID() == other.ID() {
		t.Error("expected sets that differ in searched values to be alike, with another ID")
	}
	rate.Data = []float32{8000}
	faster := model.Must(input.Join(input.Searched("ids", ids(3, 9, 4)), input.Fixed("sr", rate)))
	if set.Like(faster) || set.ID() == faster.ID() {
		t.Error("expected another fixed value to make it another set")
	}
	if plain := ids(3, 9, 4); plain.ID() == set.ID() || plain.Like(set) {
		t.Error("expected a set to be another input than its part")
	}
}

func TestSearchedPartsHaveTheirDomains(t *testing.T) {
	image := model.Must(input.NewImage(1, 2, 1, []uint8{7, 200}))
	row := model.Must(input.NewRow([]float32{0.5, 1}, []input.Domain{unit, flag}))
	set := model.Must(input.Join(input.Searched("image", image), input.Searched("row", row)))
	if set.Kind != input.Other || len(set.Data) != 4 || set.Uniform() {
		t.Fatalf("found %s", set)
	}
	for i, want := range []input.Domain{input.Bytes, input.Bytes, unit, flag} {
		if got := set.DomainAt(i); got != want {
			t.Errorf("value %d: expected %s, found %s", i, want, got)
		}
	}
	copy(set.Data, []float32{7.4, 300, 0.25, 0.6})
	if set.Snap(); !slices.Equal(set.Data, []float32{7, 255, 0.25, 1}) {
		t.Errorf("snapped to %v", set.Data)
	}
	part, _ := set.Part("row")
	if part.Kind != input.Row || part.DomainAt(0) != unit || part.DomainAt(1) != flag || !slices.Equal(part.Data, []float32{0.25, 1}) {
		t.Errorf("part row: found %s, %v", part, part.Data)
	}
	set.Data[3] = 0.5
	if err := set.Validate(); err == nil || !strings.Contains(err.Error(), "value 0.5 at index 3: expected a value of the domain 0..1 step 1") {
		t.Errorf("got %v", err)
	}
}

func TestSetsThatCannotBe(t *testing.T) {
	for _, test := range []struct {
		parts []input.NamedInput
		want  string
	}{
		{nil, "none of 0 parts is searched"},
		{[]input.NamedInput{input.Fixed("a", ids(1))}, "none of 1 parts is searched; expected at least one"},
		{[]input.NamedInput{input.Searched("", ids(1))}, "part 1 of 1 has no name"},
		{[]input.NamedInput{input.Searched("a", ids(1)), input.Fixed("a", ids(1))}, `two parts are called "a"`},
		{[]input.NamedInput{input.Searched("a", ids(100))}, `part "a": value 100 at index 0`},
		{[]input.NamedInput{input.Searched("a", model.Must(input.Join(input.Searched("b", ids(1)))))}, `part "a" is a set of parts itself`},
	} {
		if _, err := input.Join(test.parts...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("expected %q, found %v", test.want, err)
		}
	}
	if _, err := input.NewRow([]float32{1}, nil); err == nil || !strings.Contains(err.Error(), "a row of 1 values and 0 columns") {
		t.Errorf("got %v", err)
	}
	image := input.Input{Shape: []int{4}, Data: make([]float32, 4), Domain: input.Bytes, Kind: input.Image}
	if err := image.Validate(); err == nil || !strings.Contains(err.Error(), "shape [4]: expected that of an image") {
		t.Errorf("got %v", err)
	}
	for _, layout := range []input.Layout{
		{Domains: []input.Domain{unit}},
		{Domains: []input.Domain{unit, {}}},
		{Parts: []input.Part{{Name: "a", Shape: []int{1}}}},
		{Parts: []input.Part{{Name: "a", Shape: []int{2}, First: 1}}},
		{Parts: []input.Part{{Name: "a", Shape: []int{2}}, {Name: "b", Shape: []int{2}, Fixed: true, Values: []float32{1}}}},
	} {
		if err := (input.Input{Shape: []int{2}, Data: []float32{0, 1}, Domain: unit, Layout: &layout}).Validate(); err == nil {
			t.Errorf("%+v: expected an error", layout)
		}
	}
}

func TestKindsByName(t *testing.T) {
	for _, kind := range []input.Kind{input.Image, input.Other, "my-radar"} {
		if got, err := input.ParseKind(kind.String()); got != kind || err != nil {
			t.Errorf("%s: found %q, %v", kind, got, err)
		}
	}
	if _, err := input.ParseKind("A picture"); err == nil {
		t.Error("expected an error")
	}
}

func TestUnlikeNamesTheFirstDifference(t *testing.T) {
	row := func(columns ...input.Domain) input.Input {
		in, err := input.NewRow(make([]float32, len(columns)), columns)
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	set := func(parts ...input.NamedInput) input.Input {
		in, err := input.Join(parts...)
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	unit, year := input.Domain{Max: 1}, input.Domain{Max: 99, Step: 1}
	image, other := row(unit), row(unit)
	image.Kind, other.Shape = input.Image, []int{1, 1}
	short := row(unit, unit)
	short.Data = short.Data[:1]
	for _, test := range []struct {
		a, b input.Input
		want string
	}{
		{row(unit, year), row(unit, year), ""},
		{row(unit), image, "kind row and image"},
		{row(unit), other, "shape [1] and [1 1]"},
		{row(unit, unit), short, "2 and 1 values"},
		{row(unit), row(year), "domain 0..1 and 0..99 step 1"},
		{row(unit, year, unit), row(unit, year, year), "domain 0..1 and 0..99 step 1 of value 2"},
		{row(unit), set(input.Searched("x", row(unit))), "0 and 1 parts"},
		{set(input.Searched("x", row(unit))), set(input.Searched("y", row(unit))), `part "x" (row [1], 0..1) and "y" (row [1], 0..1)`},
		{set(input.Searched("x", row(unit)), input.Fixed("m", row(year))), set(input.Searched("x", row(unit)), input.Fixed("m", row(unit))),
			`part "m" (row [1], 0..99 step 1, fixed) and "m" (row [1], 0..1, fixed)`},
	} {
		if got := test.a.Unlike(test.b); got != test.want {
			t.Errorf("%s and %s: %q; expected %q", test.a, test.b, got, test.want)
		}
	}
}

func TestAKindHasAName(t *testing.T) {
	for _, kind := range []input.Kind{"Upper", "a b", "../x", "other"} {
		in := input.Input{Shape: []int{1}, Data: []float32{0}, Domain: input.Bytes, Kind: kind}
		if err := in.Validate(); err == nil || !strings.Contains(err.Error(), "kind") {
			t.Errorf("kind %q: error %v; expected one that names the kind", kind, err)
		}
	}
}

// Errors about a set show what its parts are.
func TestASetOfSeveralSearchedPartsNamesThem(t *testing.T) {
	row := model.Must(input.NewRow([]float32{1}, []input.Domain{unit}))
	ids := input.Input{Shape: []int{2}, Data: []float32{3, 4}, Domain: input.Bytes, Kind: input.Tokens}
	set := model.Must(input.Join(input.Searched("ids", ids), input.Searched("age", row), input.Fixed("mask", row)))
	if got, want := set.String(), `set of the searched parts "ids" (tokens [2]), "age" (row [1]), 0..255`; got != want {
		t.Errorf("%s; expected %s", got, want)
	}
}

// Inputs whose fixed parts hold other values are no less alike in what is searched.
func TestLikeSearched(t *testing.T) {
	part := func(values ...float32) input.Input {
		return input.Input{Shape: []int{len(values)}, Data: values, Domain: input.Domain{Max: 9, Step: 1}}
	}
	join := func(parts ...input.NamedInput) input.Input { return model.Must(input.Join(parts...)) }
	a := join(input.Searched("x", part(1, 2)), input.Fixed("mask", part(1, 0)))
	for _, test := range []struct {
		name       string
		other      input.Input
		like, want bool
	}{
		{"other values", join(input.Searched("x", part(3, 4)), input.Fixed("mask", part(1, 0))), true, true},
		{"another mask", join(input.Searched("x", part(3, 4)), input.Fixed("mask", part(1, 1))), false, true},
		{"a longer mask", join(input.Searched("x", part(3, 4)), input.Fixed("mask", part(1, 1, 1))), false, false},
		{"another name", join(input.Searched("x", part(3, 4)), input.Fixed("m", part(1, 1))), false, false},
		{"a searched mask", join(input.Searched("x", part(3, 4)), input.Searched("mask", part(1, 1))), false, false},
		{"another shape", join(input.Searched("x", part(3, 4, 5)), input.Fixed("mask", part(1, 1))), false, false},
		{"no parts", part(1, 2), false, false},
	} {
		if got := a.Like(test.other); got != test.like {
			t.Errorf("%s: alike: %v, expected %v", test.name, got, test.like)
		}
		if got, back := a.LikeSearched(test.other), test.other.LikeSearched(a); got != test.want || back != test.want {
			t.Errorf("%s: alike in what is searched: %v and %v, expected %v", test.name, got, back, test.want)
		}
	}
	if a.Parts()[1].Values[1] != 0 {
		t.Error("the fixed part was changed")
	}
}
