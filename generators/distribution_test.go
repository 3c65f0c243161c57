package generators_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

func drawAt(t *testing.T, d input.Distribution, randomSeed uint64, i int) input.Draw {
	t.Helper()
	draw, err := input.DrawAt(d, randomSeed, i)
	if err != nil {
		t.Fatal(err)
	}
	return draw
}

// uniform reports a count that is more than 5 standard deviations off.
func uniform(t *testing.T, what string, counts map[string]int, kinds, draws int) {
	t.Helper()
	if len(counts) != kinds {
		t.Errorf("%s: %d kinds drawn, expected %d: %v", what, len(counts), kinds, counts)
	}
	p := 1 / float64(kinds)
	for kind, n := range counts {
		if z := (float64(n) - float64(draws)*p) / math.Sqrt(float64(draws)*p*(1-p)); math.Abs(z) > 5 {
			t.Errorf("%s: %s was drawn %d times of %d", what, kind, n, draws)
		}
	}
}

func TestAsTheyAre(t *testing.T) {
	const draws = 4000
	seeds := numbered(t, 20)
	d := generators.AsTheyAre(seeds)
	counts := map[string]int{}
	for i := range draws {
		draw := drawAt(t, d, 1, i)
		if diff := cmp.Diff(seeds[draw.SeedIndex], draw.Seed); diff != "" || draw.Change != "" || !cmp.Equal(draw.Input, draw.Seed.Input) {
			t.Fatalf("draw %+v: %s", draw, diff)
		}
		counts[fmt.Sprint(draw.SeedIndex)]++
	}
	uniform(t, "seeds", counts, 20, draws)
	if d.String() != "20 seeds as they are, drawn with replacement" {
		t.Error(d)
	}
	for _, none := range []input.Seeds{nil, input.SeedList{}} {
		for _, d := range []input.Distribution{generators.AsTheyAre(none), generators.Corrupted(none)} {
			if _, err := input.DrawAt(d, 0, 0); !errors.Is(err, input.ErrNoSeeds) {
				t.Errorf("%s: %v", d, err)
			}
		}
	}
}

func TestCorruptedDrawsEverything(t *testing.T) {
	const draws = 3000
	grey := generators.First(fixtures.Seeds(), 10)
	d := generators.Corrupted(grey).WithSeverities(0.2, 0.5, 0.9)
	kinds, severities, seeds, inputs := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for i := range draws {
		draw := drawAt(t, d, 3, i)
		if err := draw.Input.Validate(); err != nil {
			t.Fatal(err)
		}
		kind, severity, _ := strings.Cut(draw.Change, " at severity ")
		kinds[kind]++
		severities[severity]++
		seeds[fmt.Sprint(draw.SeedIndex)]++
		inputs[draw.Input.ID()]++
	}
	uniform(t, "corruptions", kinds, 16, draws) // saturation needs colour
	uniform(t, "severities", severities, 3, draws)
	uniform(t, "seeds", seeds, 10, draws)
	if len(inputs) < draws/2 {
		t.Errorf("%d different inputs in %d draws", len(inputs), draws)
	}
}

// A draw depends on the random seed and its number alone, and leaves the seeds alone.
func TestDrawsRepeat(t *testing.T) {
	seeds := fixtures.Seeds()
	d := generators.Corrupted(seeds)
	before := model.Must(seeds.Seed(7)).Input.Clone()
	first := make([]input.Draw, 100)
	for i := range first {
		first[i] = drawAt(t, d, 9, i)
	}
	differ := 0
	for i := len(first) - 1; i >= 0; i-- {
		if diff := cmp.Diff(first[i], drawAt(t, d, 9, i)); diff != "" {
			t.Fatalf("draw %d: %s", i, diff)
		}
		if drawAt(t, d, 10, i).Change != first[i].Change {
			differ++
		}
	}
	if differ < 90 {
		t.Errorf("%d of 100 draws differ under another random seed", differ)
	}
	if diff := cmp.Diff(before, model.Must(seeds.Seed(7)).Input); diff != "" {
		t.Error(diff)
	}
}

func TestCorruptedSeverity(t *testing.T) {
	seeds := generators.First(fixtures.Seeds(), 5)
	d := generators.Corrupted(seeds).Only("brightness").WithSeverity(generators.Between(0, 0))
	if draw := drawAt(t, d, 0, 0); !cmp.Equal(draw.Input, draw.Seed.Input) || draw.Change != "brightness at severity 0" {
		t.Errorf("severity 0 changes the seed: %s", draw.Change)
	}
	for d, says := range map[fmt.Stringer]string{
		ptr(generators.Corrupted(seeds)): "5 seeds x those of 17 corruptions that fit x severity 0.1..1",
		ptr(generators.Corrupted(seeds).WithSeverity(generators.Between(0.1, 0.4)).Only("haze")): "5 seeds x haze x severity 0.1..0.4",
		ptr(generators.Corrupted(seeds).WithSeverities(0.1, 0.5).Only("rotation", "shear")):      "5 seeds x rotation, shear x severity 0.1 0.5",
	} {
		if d.String() != says {
			t.Errorf("%s; expected %s", d, says)
		}
	}
}

func ptr(c generators.CorruptedSeeds) *generators.CorruptedSeeds { return &c }

func TestCorruptedErrors(t *testing.T) {
	seeds := generators.First(fixtures.Seeds(), 5)
	rows := numbered(t, 3)
	for _, test := range []struct {
		d    input.Distribution
		says string
	}{
		{generators.Corrupted(seeds).WithSeverity(generators.Between(0.5, 2)), "corrupted seeds: severity 0.5..2: expected low <= high, both within 0..1"},
		{generators.Corrupted(seeds).WithSeverities(), "WithSeverities(): expected at least one severity"},
		{generators.Corrupted(seeds).WithSeverities(0.5, math.NaN()), "severity NaN: expected within 0..1"},
		{generators.Corrupted(seeds).Only("fog"), `corruption "fog": expected one of gaussian-noise, `},
		{generators.Corrupted(seeds).By(), "expected at least one corruption"},
		{generators.Corrupted(seeds).By(nil), "none that is nil"},
		{generators.Corrupted(seeds).Only("saturation"), "none of the 1 corruptions fits: saturation: expected a colour image"},
		{generators.Corrupted(rows).Only("rotation"), "none of the 1 corruptions fits: rotation"},
	} {
		if _, err := input.DrawAt(test.d, 0, 0); err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v; expected one alone that says %q", test.d, err, test.says)
		}
	}
}

func ExampleCorrupted() {
	d := generators.Corrupted(fixtures.Seeds()).WithSeverity(generators.Between(0.1, 0.5))
	fmt.Println(d)
	draw, err := input.DrawAt(d, 1, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("seed %d, %s\n", draw.SeedIndex, draw.Change)
	// Output:
	// 500 seeds x those of 17 corruptions that fit x severity 0.1..0.5
	// seed 285, impulse-noise at severity 0.107
}

func ExampleAsTheyAre() {
	fmt.Println(generators.AsTheyAre(fixtures.Seeds()))
	// Output: 500 seeds as they are, drawn with replacement
}
