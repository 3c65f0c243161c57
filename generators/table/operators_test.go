package table_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/table"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/inputtest"
	"pgregory.net/rapid"
)

var columns = []input.Column{{Name: "age"}, {Name: "height"}, {Name: "colour", Categories: []string{"red", "green", "blue", "grey"}}, {Name: "sex", Categories: []string{"f", "m"}}, {Name: "income"}}

var domains = []input.Domain{{Min: 17, Max: 99, Step: 1}, {Min: 1.4, Max: 2.1}, {Min: 0, Max: 3, Step: 1}, {Min: 1, Max: 2, Step: 1}, {Min: 0, Max: 1e6, Step: 50}}

func person(rng *rand.Rand) input.Input {
	values := make([]float32, len(domains))
	for i, d := range domains {
		values[i] = d.Snap(d.Min + d.Range()*rng.Float32())
	}
	row, err := input.NewRow(values, domains)
	if err != nil {
		panic(err)
	}
	row.Layout.Columns = columns
	return row
}

func persons(n int) (seeds input.SeedList) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range n {
		seeds = append(seeds, input.Seed{Input: person(rng), Label: input.Unlabelled})
	}
	return seeds
}

func operators(t testing.TB) []input.SeverityMutator {
	must := func(m input.SeverityMutator, err error) input.SeverityMutator {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
		return m
	}
	return []input.SeverityMutator{
		must(table.Noise(0.2)), must(table.Noise(0.2, "height")), must(table.NoiseOf(0.5, map[string]float64{"age": 20, "income": 1e4})),
		must(table.Replace()), must(table.Replace("colour")), must(table.CategoryChange()), must(table.CategoryChange("sex")),
		must(table.Swap(0.5, persons(30))), must(table.Missing(map[string]float32{"age": 17, "colour": 3})), must(table.Rounding(5)), must(table.Rounding(1, "age")),
	}
}

// Operators keep the contract of package input: they leave the source as it is, give the same for the same stream, keep every value in its
// domain, and begin at the source.
func TestOperatorsKeepTheContract(t *testing.T) {
	all := operators(t)
	rapid.Check(t, func(t *rapid.T) {
		stream := rapid.Uint64().Draw(t, "stream")
		src := person(rand.New(rand.NewPCG(stream, 1)))
		image, err := input.NewImage(2, 2, 1, []uint8{1, 2, 3, 4})
		if err != nil {
			t.Fatal(err)
		}
		set, err := input.Join(input.Searched("facts", src), input.Searched("picture", image))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if err := input.Supports(m, src); err != nil {
				t.Fatal(err)
			}
			before, dst, again := src.Clone(), src.Clone(), src.Clone()
			m.Mutate(dst, src, rand.New(rand.NewPCG(stream, 2)))
			m.Mutate(again, src, rand.New(rand.NewPCG(stream, 2)))
			if err := dst.Validate(); err != nil || !slices.Equal(src.Data, before.Data) || !slices.Equal(dst.Data, again.Data) {
				t.Fatalf("%s of %v: %v and %v (error %v)", m, before.Data, dst.Data, again.Data, err)
			}
			if m.MutateAt(dst, src, 0, stream); !slices.Equal(dst.Data, src.Data) {
				t.Fatalf("%s at severity 0 changed %v to %v", m, src.Data, dst.Data)
			}
			severity := rapid.Float64Range(0.01, 1).Draw(t, "severity")
			m.MutateAt(dst, src, severity, stream)
			m.MutateAt(again, src, severity+1e-9, stream)
			if err := dst.Validate(); err != nil {
				t.Fatalf("%s: %v", m, err)
			}
			changed := 0
			for i := range dst.Data {
				if d := math.Abs(float64(dst.Data[i] - again.Data[i])); d > float64(domains[i].Range())*1e-5+float64(domains[i].Step) {
					changed++
				}
			}
			if changed > 1 { // of shares of columns, one comes after the other
				t.Fatalf("%s: %v at severity %g, and %v right above it", m, dst.Data, severity, again.Data)
			}
			on, part := generators.On("facts", m), set.Clone()
			if err := input.Supports(on, set); err != nil {
				t.Fatal(err)
			}
			if on.Mutate(part, set, rand.New(rand.NewPCG(stream, 2))); part.Validate() != nil || !slices.Equal(part.Data[len(src.Data):], set.Data[len(src.Data):]) {
				t.Fatalf("%s: %v of %v", on, part.Data, set.Data)
			}
			m.MutateAt(input.Input{Data: make([]float32, 4), Shape: image.Shape, Domain: image.Domain, Kind: image.Kind}, image, 0.5, stream) // must not panic
		}
	})
}

func TestOperatorsChangeTheirColumnsAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, m := range operators(t) {
		mayChange := map[string]string{
			"column-noise": "age height income", "spread-noise": "age income", "category-change": "colour sex", "missing-value": "age colour", "column-rounding": "age height income",
		}[m.String()]
		changes := map[string]int{}
		for range 300 {
			src := person(rng)
			dst := src.Clone()
			m.Mutate(dst, src, rng)
			for i, v := range dst.Data {
				if v != src.Data[i] {
					changes[columns[i].Name]++
				}
			}
		}
		for name := range changes {
			if mayChange != "" && !strings.Contains(mayChange, name) {
				t.Errorf("%s changed %s; expected changes of %s alone", m, name, mayChange)
			}
		}
		if len(changes) == 0 {
			t.Errorf("%s changed nothing", m)
		}
	}
}

func TestCategoriesBecomeOthers(t *testing.T) {
	rng, seen := rand.New(rand.NewPCG(1, 2)), map[float32]bool{}
	change, err := table.CategoryChange("colour")
	if err != nil {
		t.Fatal(err)
	}
	src := person(rng)
	for range 100 {
		dst := src.Clone()
		if change.Mutate(dst, src, rng); dst.Data[2] == src.Data[2] {
			t.Fatal("a category became itself")
		}
		seen[dst.Data[2]] = true
	}
	if len(seen) != 3 {
		t.Errorf("expected all three other colours, found %v", seen)
	}
}

func TestNoiseIsInUnitsOfTheColumn(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	byRange, err := table.Noise(0.05, "height")
	if err != nil {
		t.Fatal(err)
	}
	byUnit, err := table.NoiseOf(0.5, map[string]float64{"height": 0.07})
	if err != nil {
		t.Fatal(err)
	}
	src := person(rng)
	src.Data[1] = 1.75
	for _, m := range []input.SeverityMutator{byRange, byUnit} { // both 0.035
		var squares float64
		const n = 4000
		for i := range n {
			dst := src.Clone()
			m.MutateAt(dst, src, 1, uint64(i))
			squares += math.Pow(float64(dst.Data[1]-src.Data[1]), 2)
		}
		if sigma := math.Sqrt(squares / n); math.Abs(sigma-0.035) > 0.003 {
			t.Errorf("%s: expected a standard deviation of 0.035, found %g", m, sigma)
		}
	}
}

func TestSwapTakesValuesOfOneRow(t *testing.T) {
	others := persons(10)
	swap, err := table.Swap(1, others)
	if err != nil {
		t.Fatal(err)
	}
	src := person(rand.New(rand.NewPCG(9, 9)))
	dst := src.Clone()
	swap.MutateAt(dst, src, 1, 5)
	if !slices.ContainsFunc(others, func(s input.Seed) bool { return slices.Equal(s.Input.Data, dst.Data) }) {
		t.Errorf("expected all of another row, found %v", dst.Data)
	}
}

func TestConstructorsRefuse(t *testing.T) {
	for name, make := range map[string]func() (input.SeverityMutator, error){
		"noise 0":   func() (input.SeverityMutator, error) { return table.Noise(0) },
		"noise NaN": func() (input.SeverityMutator, error) { return table.Noise(math.NaN()) },
		"no units":  func() (input.SeverityMutator, error) { return table.NoiseOf(1, nil) },
		"unit":      func() (input.SeverityMutator, error) { return table.NoiseOf(1, map[string]float64{"a": -1}) },
		"no rows":   func() (input.SeverityMutator, error) { return table.Swap(0.5, nil) },
		"share":     func() (input.SeverityMutator, error) { return table.Swap(1.5, persons(2)) },
		"rows of two": func() (input.SeverityMutator, error) {
			return table.Swap(0.5, append(persons(1), input.Seed{Input: unnamed()}))
		},
		"no missing":    func() (input.SeverityMutator, error) { return table.Missing(nil) },
		"no steps":      func() (input.SeverityMutator, error) { return table.Rounding(0) },
		"noise below 0": func() (input.SeverityMutator, error) { return table.NoiseOf(-1, map[string]float64{"a": 1}) },
	} {
		if m, err := make(); err == nil || m != nil || !strings.HasPrefix(err.Error(), "table: ") {
			t.Errorf("%s: expected an error, found %v, %v", name, m, err)
		}
	}
}

func unnamed() input.Input {
	row := person(rand.New(rand.NewPCG(9, 9)))
	row.Layout = &input.Layout{Domains: row.Layout.Domains}
	return row
}

func TestOperatorsTellWhatTheyNeed(t *testing.T) {
	image, err := input.NewImage(2, 2, 1, []uint8{1, 2, 3, 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range operators(t) {
		if err := input.Supports(m, image); err == nil || !strings.Contains(err.Error(), m.String()) {
			t.Errorf("%s: expected an error about an image, found %v", m, err)
		}
	}
	noise, _ := table.Noise(0.1, "colour")
	change, _ := table.CategoryChange()
	lost, _ := table.Missing(map[string]float32{"age": -1})
	other, _ := table.Replace("size")
	for _, m := range []input.Mutator{noise, lost, other} {
		if err := input.Supports(m, person(rand.New(rand.NewPCG(1, 1)))); err == nil {
			t.Errorf("%s: expected an error", m)
		}
	}
	if err := input.Supports(change, unnamed()); err == nil {
		t.Error("expected an error about a row without categories")
	}
}

func TestOperatorsDoNotAllocate(t *testing.T) {
	src := person(rand.New(rand.NewPCG(1, 1)))
	dst, rng := src.Clone(), rand.New(rand.NewPCG(1, 1))
	for _, m := range operators(t) {
		if n := testing.AllocsPerRun(200, func() { m.Mutate(dst, src, rng) }); n >= 1 && !inputtest.RaceDetector {
			t.Errorf("%s: expected no allocations, found %g", m, n)
		}
	}
}

func ExampleSeeds_Corruptions() {
	seeds, err := table.CSV("testdata/people.csv", table.Label("income"), table.Columns(table.Column{Name: "sex", Type: table.Category}))
	if err != nil {
		fmt.Println(err)
		return
	}
	seed, err := seeds.Seed(0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(seed.Name, seed.Input.Data, seeds.ClassNames()[seed.Label])
	for _, m := range seeds.Corruptions() {
		mutant := seed.Input.Clone()
		m.MutateAt(mutant, seed.Input, 1, 4)
		fmt.Println(m, mutant.Data)
	}
	for _, note := range seeds.Notes() {
		fmt.Println(note)
	}
	// Output:
	// people.csv, line 2 [30 1.8 1] low
	// spread-noise [29 1.7851278 1]
	// column-replacement [30 1.7428552 1]
	// column-swap [30 1.65 2]
	// column-rounding [29 1.8 1]
	// category-change [30 1.8 2]
	// people.csv: column "sex": read as category, "1", "2", numbered from 1 on
	// people.csv: column "income": the classes are "high", "low", numbered from 0 on
	// people.csv: columns read as integer, in the domain of the data: "age" 20..50 step 1
	// people.csv: columns read as number, in the domain of the data: "height" 1.65..1.8
}
