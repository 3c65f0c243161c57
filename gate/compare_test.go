package gate_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// evidenceOf searches a real pair within a bound that leaves many seeds without a trigger.
func evidenceOf(p fixtures.Pair) *gate.Evidence {
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	r := model.Must(engine.Search(context.Background(), pair, generators.First(fixtures.Seeds(), 60), engine.Settings{
		Strategy: strategies.Boundary(), Bound: distance.LInf(16), Budget: engine.Budget{QueriesPerSeed: 20},
	}))
	return model.Must(gate.EvidenceOf(r))
}

func TestCompareRealReleases(t *testing.T) {
	int8, pruned := evidenceOf(fixtures.LeNet5Int8), evidenceOf(fixtures.LeNet5Pruned)
	same, err := gate.Compare(int8, evidenceOf(fixtures.LeNet5Int8), gate.CompareOptions{})
	if err != nil || !same.Pass || same.Worse+same.Better != 0 || same.P != 1 || same.Both != int8.Found() || same.Both+same.Neither != 60 {
		t.Errorf("%+v, error %v; expected the same search to repeat", same, err)
	}
	worse, err := gate.Compare(int8, pruned, gate.CompareOptions{ClassNames: fixtures.ClassNames()})
	if err != nil || worse.Pass || worse.Worse <= worse.Better || worse.P >= 0.5 {
		t.Errorf("%+v, error %v; expected the pruned model to be worse", worse, err)
	}
	candidate, baseline := worse.Found()
	if candidate != pruned.Found() || baseline != int8.Found() || len(worse.Changes) != worse.Worse+worse.Better {
		t.Errorf("%+v; expected %d against %d", worse, pruned.Found(), int8.Found())
	}
	sums := [2]float64{}
	for _, c := range worse.Classes {
		sums[0], sums[1] = sums[0]+c.Before, sums[1]+c.After
	}
	if sums != [2]float64{float64(baseline), float64(candidate)} || worse.Classes[0].Name != "T-shirt/top" {
		t.Errorf("classes %+v; expected them to sum to all seeds", worse.Classes)
	}
	better, err := gate.Compare(pruned, int8, gate.CompareOptions{})
	if err != nil || !better.Pass || better.Worse != worse.Better || better.Better != worse.Worse {
		t.Errorf("%+v, error %v; expected the mirror image", better, err)
	}
	// By hand, in exact numbers.
	n, sum := worse.Worse+worse.Better, new(big.Int)
	for k := worse.Worse; k <= n; k++ {
		sum.Add(sum, new(big.Int).Binomial(int64(n), int64(k)))
	}
	want, _ := new(big.Rat).SetFrac(sum, new(big.Int).Lsh(big.NewInt(1), uint(n))).Float64()
	if math.Abs(worse.P-want) > 1e-12 {
		t.Errorf("p %g; expected %g", worse.P, want)
	}
}

// evidence has a seed a letter: "t" with a trigger, "-" without one.
func evidence(letters string) *gate.Evidence {
	e := &gate.Evidence{
		Pair: "p", Original: gate.EvidenceModel{Name: "o"}, Compressed: gate.EvidenceModel{Name: "c"},
		Strategy: "boundary", Oracle: "top-1", Aim: "ssim", Budget: engine.Budget{QueriesPerSeed: 100},
	}
	for i, letter := range letters {
		s := gate.EvidenceSeed{ID: fmt.Sprintf("%016x", i), Label: i % 3, Status: engine.GaveUp, Queries: 7}
		if letter == 't' {
			s.Status, s.FirstHit = engine.Triggered, new(int)
			s.Trigger = &gate.EvidenceTrigger{ID: fmt.Sprintf("%016x", i+1000), Labels: answer.Labels{CompressedLabel: 1}, Distance: distance.Distance{L2: float64(i)}}
		}
		e.Seeds = append(e.Seeds, s)
	}
	return e
}

func TestCompareDecides(t *testing.T) {
	two := 2
	for _, test := range []struct {
		before, after string
		options       gate.CompareOptions
		p             float64
		pass          bool
	}{
		{"tt--", "tt--", gate.CompareOptions{}, 1, true},
		{"tt--", "-t--", gate.CompareOptions{}, 1, true},
		{"tt--", "ttt-", gate.CompareOptions{}, 0.5, false},
		{"tt--", "-tt-", gate.CompareOptions{}, 0.75, true}, // one better, one worse
		{"tt--", "ttt-", gate.CompareOptions{Tolerance: 1}, 0.5, true},
		{"tt--", "tttt", gate.CompareOptions{Tolerance: 1}, 0.25, false},
		{"t-----", "tttt--", gate.CompareOptions{Confidence: 0.95}, 0.125, true},    // not significant
		{"t-----", "tttttt", gate.CompareOptions{Confidence: 0.95}, 1. / 32, false}, // significant
		{"t-----", "tttttt", gate.CompareOptions{Confidence: 0.95, Tolerance: 5}, 1. / 32, true},
		{"ttt-", "ttt-", gate.CompareOptions{AtMost: &two}, 1, false},
		{"ttt-", "tt--", gate.CompareOptions{AtMost: &two}, 1, true},
	} {
		c, err := gate.Compare(evidence(test.before), evidence(test.after), test.options)
		if err != nil || c.Pass != test.pass || math.Abs(c.P-test.p) > 1e-12 {
			t.Errorf("%s to %s, %+v: %+v, error %v; expected pass %t, p %g", test.before, test.after, test.options, c, err, test.pass, test.p)
		}
	}
}

func TestCompareNamesWhatChanged(t *testing.T) {
	before, after := evidence("tt---"), evidence("-t-tt")
	c := model.Must(gate.Compare(before, after, gate.CompareOptions{}))
	want := []gate.SeedChange{
		{Seed: "0000000000000003", Label: 0, Worse: true, Trigger: "00000000000003eb"},
		{Seed: "0000000000000004", Label: 1, Worse: true, Trigger: "00000000000003ec"},
		{Seed: "0000000000000000", Label: 0, Trigger: "00000000000003e8"},
	}
	if fmt.Sprint(c.Changes) != fmt.Sprint(want) {
		t.Errorf("changes %v; expected %v", c.Changes, want)
	}
	if got := fmt.Sprint(c.Classes); got != "[{class 0 1 1 false} {class 1 1 2 true} {class 2 0 0 false}]" {
		t.Errorf("classes %s", got)
	}
	if got := fmt.Sprint(c.Metrics); got != "[{queries to the first hit, median 0 0 false} {L2 distance to the seed, median 1 1 false}]" {
		t.Errorf("metrics %s", got)
	}
}

func TestCompareRefusesOtherSearches(t *testing.T) {
	for says, change := range map[string]func(*gate.Evidence){
		"strategy: expected boundary, found random":                          func(e *gate.Evidence) { e.Strategy = "random" },
		"oracle: expected top-1, found top-2":                                func(e *gate.Evidence) { e.Oracle = "top-2" },
		"bound: expected none, found LInf 8":                                 func(e *gate.Evidence) { e.Bound = "LInf 8" },
		"aim: expected ssim, found l2":                                       func(e *gate.Evidence) { e.Aim = "l2" },
		"budget: expected 100 queries and 0s a seed, 0 to close in, found ":  func(e *gate.Evidence) { e.Budget.QueriesPerSeed = 9 },
		"random seed: expected 0, found 3":                                   func(e *gate.Evidence) { e.RandomSeed = 3 },
		"another original model: expected o, found other":                    func(e *gate.Evidence) { e.Original.Name = "other" },
		"another original model: expected o, found o (SHA-256 abababababab)": func(e *gate.Evidence) { e.Original.SHA256 = strings.Repeat("ab", 32) },
		"expected the 4 usable seeds of the evidence: 1 are missing (first: 0000000000000003), 0 are new": func(e *gate.Evidence) {
			e.Seeds = e.Seeds[:3]
		},
		"1 are missing (first: 0000000000000003), 1 are new (first: ffffffffffffffff)": func(e *gate.Evidence) {
			e.Seeds[3].ID = "ffffffffffffffff"
		},
		"none of the 1 usable seeds is among the 4 of the evidence": func(e *gate.Evidence) {
			e.Seeds = e.Seeds[:1]
			e.Seeds[0].ID = "ffffffffffffffff"
		},
	} {
		candidate := evidence("tt--")
		change(candidate)
		c, err := gate.Compare(evidence("tt--"), candidate, gate.CompareOptions{})
		if !errors.Is(err, gate.ErrNotComparable) || !strings.Contains(err.Error(), says) || c != nil {
			t.Errorf("error %v; expected one that says %q", err, says)
		}
	}
	if _, err := gate.Compare(evidence("ttt"), evidence("tt-"), gate.CompareOptions{}); !errors.Is(err, gate.ErrNotComparable) ||
		!strings.Contains(err.Error(), "no candidate could be worse") {
		t.Errorf("error %v; expected that nothing could be worse", err)
	}
	other := evidence("t---")
	other.Original.Name, other.Seeds[3].ID = "other", "ffffffffffffffff"
	c, err := gate.Compare(evidence("tt--"), other, gate.CompareOptions{OtherOriginal: true, OtherSeeds: true})
	if err != nil || c.Seeds != 3 || c.Missing != 1 || c.New != 1 || !c.Pass {
		t.Errorf("%+v, error %v; expected the three common seeds, and one that each side has alone", c, err)
	}
	other.Seeds[1].ID, other.Seeds[2].ID = "eeeeeeeeeeeeeeee", "dddddddddddddddd"
	if _, err := gate.Compare(evidence("tt--"), other, gate.CompareOptions{OtherOriginal: true, OtherSeeds: true}); !errors.Is(err, gate.ErrNotComparable) ||
		!strings.Contains(err.Error(), "expected at least half of the 4 usable seeds of the evidence, found 1 of them among the 4 seeds") {
		t.Errorf("error %v; expected one about too few seeds", err)
	}
	hit := evidence("t-")
	hit.Seeds[0].FirstHit = nil
	if _, err := gate.Compare(hit, evidence("t-"), gate.CompareOptions{}); !errors.Is(err, gate.ErrNotComparable) ||
		!strings.Contains(err.Error(), "baseline: not comparable: seeds[0]: expected trigger and first_hit") {
		t.Errorf("error %v; expected one about damaged evidence", err)
	}
	for _, o := range []gate.CompareOptions{{Tolerance: -1}, {Confidence: 1}, {Confidence: math.NaN()}, {AtMost: new(int)}} {
		if o.AtMost != nil {
			*o.AtMost = -1
		}
		if _, err := gate.Compare(evidence("t-"), evidence("t-"), o); err == nil {
			t.Errorf("%+v: expected an error", o)
		}
	}
	if _, err := gate.Compare(nil, evidence("t"), gate.CompareOptions{}); err == nil {
		t.Error("nil: expected an error")
	}
}

// The same image twice is two pairs.
func TestComparePairsEqualSeedsAsOftenAsTheyAreThere(t *testing.T) {
	e := evidence("t-t-")
	e.Seeds[2].ID = e.Seeds[0].ID
	c := model.Must(gate.Compare(e, e, gate.CompareOptions{}))
	if c.Seeds != 4 || c.Both != 2 {
		t.Errorf("%+v; expected four pairs", c)
	}
	once := *e
	once.Seeds = e.Seeds[1:]
	if _, err := gate.Compare(e, &once, gate.CompareOptions{}); err == nil || !strings.Contains(err.Error(), "1 are missing") {
		t.Errorf("error %v; expected a missing seed", err)
	}
}

func TestEvidenceOfRefusesPartialSearches(t *testing.T) {
	for says, r := range map[string]*engine.Report{
		"found nil":                    nil,
		"found shard 2/3: merge":       {Shard: engine.Shard{Index: 1, Total: 3}},
		"ended early (query-limit)":    {Status: engine.QueryLimit},
		"found one with a pool of 3":   {Status: engine.AllSearched, Pool: 3},
		"pair: expected a text":        {Status: engine.AllSearched},
		"seeds: expected at least one": {Status: engine.AllSearched, Pair: "p", Strategy: "s", Oracle: "o", Aim: "a", Original: model.Description{Name: "x"}, Compressed: model.Description{Name: "y"}},
	} {
		if e, err := gate.EvidenceOf(r); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, error %v; expected one that says %q", e, err, says)
		}
	}
}

func ExampleCompare() {
	baseline, candidate := evidenceOf(fixtures.LeNet5Int8), evidenceOf(fixtures.LeNet5Planted)
	c := model.Must(gate.Compare(baseline, candidate, gate.CompareOptions{}))
	fmt.Println(c.Pass, c.Worse < c.Better)
	// Output: true true
}

func TestEvidenceKnowsModelsByAllOfTheirFiles(t *testing.T) {
	hash := func(c string) string { return strings.Repeat(c, 64) }
	before := model.Identity{Name: "m", SHA256: hash("a"), Content: hash("b"), GraphSHA256: hash("d")}
	other := model.Identity{Name: "m", SHA256: hash("e"), Content: hash("f"), GraphSHA256: hash("d")}
	again := model.Identity{Name: "n", SHA256: hash("1"), Content: hash("b")}
	old := model.Identity{Name: "m", SHA256: hash("d")}
	compare := func(original, compressed, originalNow, compressedNow model.Identity) (*gate.Comparison, error) {
		baseline, candidate := evidence("tt--"), evidence("tt--")
		baseline.Original, baseline.Compressed = original, compressed
		candidate.Original, candidate.Compressed = originalNow, compressedNow
		return gate.Compare(baseline, candidate, gate.CompareOptions{})
	}
	if _, err := compare(before, before, other, before); !errors.Is(err, gate.ErrNotComparable) || !strings.Contains(err.Error(), "expected m (SHA-256 aaaaaaaaaaaa), found m (SHA-256 eeeeeeeeeeee)") {
		t.Errorf("other weights of the original: found %v", err)
	}
	for reason, test := range map[string]struct {
		original, compressed, originalNow, compressedNow model.Identity
		same                                             bool
		notes                                            int
	}{
		"the same pair":                   {before, before, before, before, true, 0},
		"the original saved again":        {before, before, again, again, true, 0},
		"other weights of the candidate":  {before, before, before, other, false, 0},
		"evidence of an earlier version":  {old, old, before, before, false, 1},
		"a candidate of one more release": {before, old, before, other, false, 0},
	} {
		c, err := compare(test.original, test.compressed, test.originalNow, test.compressedNow)
		if err != nil || c.SameCandidate != test.same || len(c.Notes) != test.notes {
			t.Errorf("%s: found %+v, %v", reason, c, err)
		}
	}
	c, err := compare(old, before, before, before)
	if err != nil || !strings.Contains(c.Notes[0], "Of m, the evidence of an earlier version knows the graph's file alone") {
		t.Errorf("found %+v, %v", c, err)
	}
}
