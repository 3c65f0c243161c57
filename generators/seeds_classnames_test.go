package generators_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// noted are seeds with class names and notes.
type noted struct{ input.SeedList }

func (noted) ClassNames() []string { return []string{"cat", "dog", "horse"} }

func (noted) Notes() []string { return []string{"one file was left out"} }

func TestWhatIsMadeOfSeedsKeepsTheirNamesAndNotes(t *testing.T) {
	src := noted{numbered(t, 3)}
	for name, test := range map[string]struct {
		source any
		named  bool
	}{
		"first":       {generators.First(src, 2), true},
		"every":       {generators.Every(src, 2), true},
		"shuffled":    {generators.Shuffled(src, 1), true},
		"resized":     {generators.Resized(src, 1, 1), true},
		"cropped":     {generators.CenterCropped(src, 1, 1), true},
		"as they are": {generators.AsTheyAre(src), true},
		"corrupted":   {generators.Corrupted(src).Only("contrast"), true},
		"nested":      {generators.AsTheyAre(generators.Resized(generators.First(generators.Every(src, 1), 2), 1, 1)), true},
		"labelled":    {model.Must(generators.Labelled(src, []int{2, 1, 0})), false},
		"unlabelled":  {generators.WithoutLabels(src), false},
	} {
		names := input.ClassNamesOf(test.source)
		if test.named && !slices.Equal(names, src.ClassNames()) || !test.named && names != nil {
			t.Errorf("%s: class names %q", name, names)
		}
		if notes := input.NotesOf(test.source); !slices.Equal(notes, src.Notes()) {
			t.Errorf("%s: notes %q", name, notes)
		}
	}
	if labels := labelsOf(t, generators.WithoutLabels(src)); !slices.Equal(labels, []int{-1, -1, -1}) {
		t.Errorf("labels %v", labels)
	}
	if names := input.ClassNamesOf(generators.First(numbered(t, 3), 2)); names != nil {
		t.Errorf("class names of seeds without: %q", names)
	}
}

func TestClassNamesOfOnesOwn(t *testing.T) {
	seeds, err := generators.WithClassNames(numbered(t, 2), "zero", "one")
	if err != nil || !slices.Equal(input.ClassNamesOf(generators.First(seeds, 1)), []string{"zero", "one"}) {
		t.Errorf("class names %q, error %v", input.ClassNamesOf(seeds), err)
	}
	if _, err := generators.WithClassNames(numbered(t, 2)); err == nil {
		t.Error("expected an error")
	}
}

func TestMapClasses(t *testing.T) {
	src := noted{numbered(t, 3)}
	animals := map[string]int{"cat": 3, "dog": 5, "horse": 7, "truck": 9}
	seeds, err := generators.MapClasses(src, generators.ClassMap{Labels: animals}, 11)
	if err != nil {
		t.Fatal(err)
	}
	if labels := labelsOf(t, seeds); !slices.Equal(labels, []int{3, 5, 7}) {
		t.Errorf("labels %v", labels)
	}
	if names, want := input.ClassNamesOf(seeds), []string{"", "", "", "cat", "", "dog", "", "horse", "", "truck", ""}; !slices.Equal(names, want) {
		t.Errorf("class names %q", names)
	}
	spoken, err := generators.MapClasses(src, generators.ClassMap{Labels: map[string]int{"cat": 0, "dog": 1, "horse": 3}, Names: []string{"tabby", "", "ox"}}, 0)
	if err != nil || !slices.Equal(input.ClassNamesOf(spoken), []string{"tabby", "dog", "ox", "horse"}) {
		t.Errorf("class names %q, error %v", input.ClassNamesOf(spoken), err)
	}
	for _, test := range []struct {
		src     input.Seeds
		to      generators.ClassMap
		classes int
		says    string
	}{
		{numbered(t, 3), generators.ClassMap{Labels: animals}, 10, "expected seeds that carry the names of their classes"},
		{src, generators.ClassMap{Labels: map[string]int{"cat": 0, "dog": 1}}, 10, `expected a label for the class "horse" of the seeds, found none`},
		{src, generators.ClassMap{Labels: animals}, 9, `class "truck": expected a label of 0 to 8, found 9`},
		{src, generators.ClassMap{Labels: map[string]int{"cat": -1, "dog": 1, "horse": 2}}, 0, `class "cat": expected a label of 0 to 1048575, found -1`},
		{src, generators.ClassMap{Labels: map[string]int{"cat": 1, "dog": 1, "horse": 2}}, 0, `expected one class a label, found "cat" and "dog" with label 1`},
		{src, generators.ClassMap{Labels: animals, Names: make([]string, 12)}, 11, "expected names of 11 classes, found 12"},
	} {
		if _, err := generators.MapClasses(test.src, test.to, test.classes); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("error %v; expected one that says %q", err, test.says)
		}
	}
	if _, err := model.Must(generators.MapClasses(noted{numbered(t, 4)}, generators.ClassMap{Labels: animals}, 10)).Seed(3); err == nil || !strings.Contains(err.Error(), "input[3]: expected a label below 3, found 3") {
		t.Errorf("error %v", err)
	}
}

// TestNamesMapTheClassesOfFolders: seeds of some of the classes get the labels of their names.
func TestNamesMapTheClassesOfFolders(t *testing.T) {
	src, err := generators.FromBytes([]int{1}, [][]uint8{{1}, {2}}, []int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	named, err := generators.WithClassNames(src, "night_owl", "Cat")
	if err != nil {
		t.Fatal(err)
	}
	mapped, err := generators.WithClassNames(named, "dog", "cat", "bird", "Night owl", "dog")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := mustSeed(t, mapped, 0).Label, mustSeed(t, mapped, 1).Label; a != 3 || b != 1 {
		t.Errorf("expected the labels 3 and 1, found %d and %d", a, b)
	}
	if called, err := generators.WithClassNames(named, "Eule", "Katze"); err != nil || mustSeed(t, called, 1).Label != 1 {
		t.Errorf("expected as many other names to be taken as they are (error %v)", err)
	}
	_, err = generators.WithClassNames(named, "dog", "cat", "bird")
	wantError(t, err, `generators: class names: expected each of the seeds' 2 classes among the 3 names, found "night_owl" in none`)
	_, err = generators.WithClassNames(named, "cat", "night owl", "cat")
	wantError(t, err, `expected the class "Cat" of the seeds once among the names, found it with the labels 0 and 2`)
}
