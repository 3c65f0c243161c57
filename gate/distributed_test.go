package gate_test

import (
	"bytes"
	"context"
	"encoding"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// sent is a value after a way to another machine.
func sent[T any, P interface {
	*T
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}](t testing.TB, v P) P {
	t.Helper()
	data, err := v.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	read := P(new(T))
	if err := read.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	if again, err := read.MarshalBinary(); err != nil || !bytes.Equal(again, data) {
		t.Fatalf("written otherwise than it was read (error %v)", err)
	}
	return read
}

// said is a result in JSON, with the error beside it, and with what its triggers hold.
func said(t testing.TB, result any, examples []*engine.Trigger, err error) string {
	t.Helper()
	var s strings.Builder
	e := json.NewEncoder(&s)
	e.SetIndent("", " ")
	for _, v := range []any{result, examples} {
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range examples {
		e.Encode([]any{x.Seed, x.Input})
	}
	if err != nil {
		s.WriteString(err.Error())
	}
	return s.String()
}

// pieces divide what is counted into pieces of that size, a multiple of the parts.
func pieces(n, size int) (all [][2]int) {
	for from := 0; from < n; from += size {
		all = append(all, [2]int{from, min(from+size, n)})
	}
	return all
}

// rateInPieces draws in pieces, on machines that know nothing of each other, and combines them in any order, some of them several times.
func rateInPieces(t testing.TB, pair func() *model.Pair, d input.Distribution, s gate.RateSettings, size int) (*gate.Rate, error) {
	t.Helper()
	var all []*gate.RateDraws
	for i, piece := range pieces(s.Draws, size) {
		machine := s
		machine.BatchSize, machine.Workers = 1+7*i%50, 1+i%3
		drawer, err := gate.NewRateDrawer(t.Context(), pair(), d, machine)
		if err != nil {
			t.Fatal(err)
		}
		draws, err := drawer.Draw(t.Context(), piece[0], piece[1])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sent(t, draws))
	}
	all = append(all, all[len(all)/2], all[0])
	rand.New(rand.NewPCG(uint64(size), 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var c gate.RateCombiner
	for _, draws := range all {
		if err := c.Add(draws); err != nil {
			t.Fatal(err)
		}
	}
	return c.Rate()
}

func same(p *model.Pair) func() *model.Pair { return func() *model.Pair { return p } }

// broken are constant models, whose draws say nothing.
func broken() *model.Pair {
	return enginetest.PairOf(enginetest.Failing(enginetest.Smooth.Predict, enginetest.Everywhere, 0.1, 0.7, 0.1, 0.1), enginetest.Smooth.Predict)
}

func TestADistributedRateIsThatOfTheWhole(t *testing.T) {
	patterns := generators.Corrupted(enginetest.PatternSeeds(30))
	embedded := corrupted()
	for name, test := range map[string]struct {
		pair     *model.Pair
		d        input.Distribution
		settings gate.RateSettings
		decision gate.Decision
	}{
		"below":     {open(t, fixtures.LeNet5Int8), embedded, gate.RateSettings{Limit: 0.05, Draws: 600}, gate.Below},
		"not below": {open(t, fixtures.LeNet5Student), embedded, gate.RateSettings{Limit: 0.01, Draws: 1000, Examples: 5}, gate.NotBelow},
		"undecided": {enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Smooth.Moved(0.4).Predict), patterns, gate.RateSettings{Limit: 0.03, Draws: 300}, gate.Undecided},
		"fixed":     {enginetest.SmoothPair(), patterns, gate.RateSettings{Limit: 0.2, Draws: 700, Fixed: true, RandomSeed: 7}, gate.Below},
		"threshold": {enginetest.SmoothPair(), patterns, gate.RateSettings{Limit: 0.5, Draws: 256, Oracle: crossing(0.5)}, ""},
		"one side":  {enginetest.SmoothPair(), patterns, gate.RateSettings{Limit: 0.1, Draws: 300, Fixed: true, Oracle: crossing(1.5)}, gate.Undecided},
		"constant":  {broken(), patterns, gate.RateSettings{Limit: 0.1, Draws: 300}, gate.Undecided},
		"identical": {enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Smooth.Moved(0).Predict), patterns, gate.RateSettings{Limit: 0.1, Draws: 300}, gate.Undecided},
		"not finite": {enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Failing(enginetest.Smooth.Predict, enginetest.Everywhere, enginetest.NaN)),
			patterns, gate.RateSettings{Limit: 0.1, Draws: 300}, gate.Undecided},
		"tied labels": {enginetest.LabelPair(0.1), patterns, gate.RateSettings{Limit: 0.3, Draws: 300}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			whole, err := gate.MeasureRate(t.Context(), test.pair, test.d, test.settings)
			if test.decision != "" && whole.Decision != test.decision {
				t.Errorf("decision %q, error %v; expected %q", whole.Decision, err, test.decision)
			}
			want := said(t, whole, whole.Examples, err)
			for _, size := range []int{gate.PartOf, 3 * gate.PartOf, 1024} {
				r, err := rateInPieces(t, same(test.pair), test.d, test.settings, size)
				if r == nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, said(t, r, r.Examples, err)); diff != "" {
					t.Errorf("pieces of %d: %s", size, diff)
				}
			}
		})
	}
}

func TestDrawsBehindADecisionAreNotNeeded(t *testing.T) {
	s := gate.RateSettings{Limit: 0.05, Draws: 5000}
	pair, d := enginetest.SmoothPair(), generators.AsTheyAre(enginetest.PatternSeeds(30))
	whole, err := gate.MeasureRate(t.Context(), pair, d, s)
	if err != nil || whole.Decision != gate.Below {
		t.Fatalf("%+v, %v", whole, err)
	}
	drawer := model.Must(gate.NewRateDrawer(t.Context(), pair, d, s))
	var c gate.RateCombiner
	if _, err := c.Rate(); !errors.Is(err, gate.ErrDrawsMissing) {
		t.Errorf("error %v; expected %v", err, gate.ErrDrawsMissing)
	}
	if err := c.Add(model.Must(drawer.Draw(t.Context(), 1280, 1408))); err != nil || c.Decided() {
		t.Fatal(err, c.Decided())
	}
	at := 0
	for ; !c.Decided(); at += gate.PartOf {
		if _, err := c.Rate(); !errors.Is(err, gate.ErrDrawsMissing) || !strings.Contains(err.Error(), "expected up to 5000 without a gap") {
			t.Fatalf("error %v; expected %v", err, gate.ErrDrawsMissing)
		}
		if err := c.Add(model.Must(drawer.Draw(t.Context(), at, at+gate.PartOf))); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := c.Rate(); err != nil || at >= 1280 || said(t, r, r.Examples, err) != said(t, whole, whole.Examples, nil) {
		t.Errorf("%+v, %v after %d draws; expected %+v", r, err, at, whole)
	}
}

func TestRatesThatDoNotFitTogether(t *testing.T) {
	pair, d := enginetest.SmoothPair(), generators.Corrupted(enginetest.PatternSeeds(30))
	s := gate.RateSettings{Limit: 0.05, Draws: 500}
	draw := func(pair *model.Pair, s gate.RateSettings, from, to int) *gate.RateDraws {
		return model.Must(model.Must(gate.NewRateDrawer(t.Context(), pair, d, s)).Draw(t.Context(), from, to))
	}
	other, others := s, s
	other.RandomSeed, others.Limit = 1, 0.1
	nobody := enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Smooth.Moved(0.9).Predict)
	for says, parts := range map[string][]*gate.RateDraws{
		"random_seed: 0 and 1":     {draw(pair, s, 0, 128), draw(pair, other, 128, 256)},
		"limit: 0.05 and 0.1":      {draw(pair, s, 0, 128), draw(pair, others, 128, 256)},
		"found none":               {nil},
		"draws 128 to 255 are the": {draw(pair, s, 0, 256), draw(nobody, s, 128, 256)},
	} {
		var c gate.RateCombiner
		var err error
		for _, p := range parts {
			err = errors.Join(err, c.Add(p))
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
	drawer := model.Must(gate.NewRateDrawer(t.Context(), pair, d, s))
	for _, piece := range [][2]int{{-128, 128}, {0, 0}, {0, 100}, {64, 192}, {384, 512}, {384, 501}} {
		if _, err := drawer.Draw(t.Context(), piece[0], piece[1]); err == nil || !strings.Contains(err.Error(), "expected multiples of 128 from 0 to 500") {
			t.Errorf("%v: error %v", piece, err)
		}
	}
	s.Time = time.Hour
	if _, err := gate.NewRateDrawer(t.Context(), pair, d, s); err == nil || !strings.Contains(err.Error(), "time of 1h0m0s: expected none in a distributed measurement") {
		t.Errorf("error %v", err)
	}
}

// flipsInPieces is rateInPieces for flips.
func flipsInPieces(t testing.TB, pair *model.Pair, seeds input.Seeds, s gate.FlipSettings, size int) (*gate.Flips, error) {
	t.Helper()
	var all []*gate.FlipCounts
	for i, piece := range pieces(seeds.Len(), size) {
		machine := s
		machine.BatchSize, machine.Workers = 1+7*i%50, 1+i%3
		counter, err := gate.NewFlipCounter(t.Context(), pair, seeds, machine)
		if err != nil {
			t.Fatal(err)
		}
		counts, err := counter.Count(t.Context(), piece[0], piece[1])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sent(t, counts))
	}
	all = append(all, all[len(all)/2], all[0])
	rand.New(rand.NewPCG(uint64(size), 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var c gate.FlipCombiner
	for _, counts := range all {
		if err := c.Add(counts); err != nil {
			t.Fatal(err)
		}
	}
	return c.Flips()
}

// holes are seeds of which some cannot be read, and others have no label.
type holes struct{ input.Seeds }

func (h holes) Seed(i int) (input.Seed, error) {
	seed, err := h.Seeds.Seed(i)
	if i%50 == 7 {
		return input.Seed{Name: "hole"}, errors.New("no such file")
	}
	if i%31 == 4 {
		seed.Label = input.Unlabelled
	}
	return seed, err
}

func TestDistributedFlipsAreThoseOfTheWhole(t *testing.T) {
	patterns := enginetest.PatternSeeds(300)
	for i := range patterns {
		patterns[i].Label = i / 3 % 4 // two thirds of them misread
	}
	for name, test := range map[string]struct {
		pair     *model.Pair
		seeds    input.Seeds
		settings gate.FlipSettings
		says     string
	}{
		"embedded":    {open(t, fixtures.LeNet5Student), holes{fixtures.Seeds()}, gate.FlipSettings{Examples: 4}, ""},
		"labels":      {enginetest.LabelPair(0.9), patterns, gate.FlipSettings{Confidence: 0.9}, ""},
		"constant":    {broken(), patterns, gate.FlipSettings{}, "constant output"},
		"unlabelled":  {enginetest.SmoothPair(), generators.WithoutLabels(patterns), gate.FlipSettings{}, "no labels"},
		"too many":    {enginetest.SmoothPair(), holes{patterns}, gate.FlipSettings{SkippedAtMost: 0.01}, "at most 1 % may be"},
		"not finite":  {enginetest.PairOf(enginetest.Failing(enginetest.Smooth.Predict, dark, enginetest.NaN), enginetest.Smooth.Moved(0.5).Predict), patterns, gate.FlipSettings{SkippedAtMost: 1}, ""},
		"other order": {enginetest.PairOf(enginetest.Smooth.Predict, swapped), patterns, gate.FlipSettings{}, "classes alike"},
	} {
		t.Run(name, func(t *testing.T) {
			whole, err := gate.MeasureFlips(t.Context(), test.pair, test.seeds, test.settings)
			if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
				t.Fatalf("error %v; expected %q", err, test.says)
			}
			examples := func(f *gate.Flips) []*engine.Trigger {
				if f == nil {
					return nil
				}
				return f.Examples
			}
			want := said(t, whole, examples(whole), err)
			for _, size := range []int{gate.PartOf, 2 * gate.PartOf, 1024} {
				f, err := flipsInPieces(t, test.pair, test.seeds, test.settings, size)
				if diff := cmp.Diff(want, said(t, f, examples(f), err)); diff != "" {
					t.Errorf("pieces of %d: %s", size, diff)
				}
			}
		})
	}
}

func TestFlipsThatDoNotFitTogether(t *testing.T) {
	seeds := enginetest.PatternSeeds(300)
	counter := model.Must(gate.NewFlipCounter(t.Context(), enginetest.SmoothPair(), seeds, gate.FlipSettings{}))
	another := model.Must(gate.NewFlipCounter(t.Context(), enginetest.SmoothPair(), seeds, gate.FlipSettings{Confidence: 0.9}))
	worse := model.Must(gate.NewFlipCounter(t.Context(), enginetest.PairOf(enginetest.Smooth.Predict, swapped), seeds, gate.FlipSettings{}))
	first := model.Must(counter.Count(t.Context(), 0, 128))
	for says, part := range map[string]*gate.FlipCounts{
		"confidence: 0.95 and 0.9":              model.Must(another.Count(t.Context(), 128, 300)),
		"seeds 0 to 127 are there twice":        model.Must(worse.Count(t.Context(), 0, 256)),
		"found none":                            nil,
		"expected 300 without a gap, found 128": model.Must(counter.Count(t.Context(), 256, 300)),
	} {
		var c gate.FlipCombiner
		if err := c.Add(first); err != nil {
			t.Fatal(err)
		}
		err := c.Add(part)
		if err == nil {
			_, err = c.Flips()
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
	if _, err := counter.Count(t.Context(), 0, 150); err == nil || !strings.Contains(err.Error(), "expected multiples of 128 from 0 to 300") {
		t.Errorf("error %v", err)
	}
}

// dark is where the first pixel is.
func dark(in input.Input) bool { return in.Data[0] < 100 }

// swapped has the classes in another order.
func swapped(ctx context.Context, batch []input.Input) ([][]float32, error) {
	rows, err := enginetest.Smooth.Predict(ctx, batch)
	for _, row := range rows {
		row[0], row[1], row[2], row[3] = row[1], row[0], row[3], row[2]
	}
	return rows, err
}

func crossing(at float64) answer.Oracle {
	return model.Must(answer.Threshold(answer.Thresholds{At: []float64{at}}))
}

// preparing keeps what it is prepared with.
type preparing struct {
	model.Predictor
	shown []input.Input
}

func (p *preparing) Prepare(_ context.Context, first []input.Input, _ model.Predictor) error {
	p.shown = first
	return nil
}

func TestPartsPrepareTheModelsAlike(t *testing.T) {
	p := &preparing{Predictor: model.Func("prepared", enginetest.Smooth.Predict)}
	pair := model.Must(model.NewPair("prepared", p, model.Func("other", enginetest.Smooth.Moved(0.1).Predict)))
	var seeds input.Seeds = holes{enginetest.PatternSeeds(300)}
	d := generators.AsTheyAre(enginetest.PatternSeeds(30))
	for name, test := range map[string]struct{ whole, part func() error }{
		"rate": {func() error {
			_, err := gate.MeasureRate(t.Context(), pair, d, gate.RateSettings{Limit: 0.1, Draws: 300})
			return err
		}, func() error {
			drawer, err := gate.NewRateDrawer(t.Context(), pair, d, gate.RateSettings{Limit: 0.1, Draws: 300})
			if err == nil {
				_, err = drawer.Draw(t.Context(), 128, 256)
			}
			return err
		}},
		"flips": {func() error {
			_, err := gate.MeasureFlips(t.Context(), pair, seeds, gate.FlipSettings{})
			return err
		}, func() error {
			counter, err := gate.NewFlipCounter(t.Context(), pair, seeds, gate.FlipSettings{})
			if err == nil {
				_, err = counter.Count(t.Context(), 128, 256)
			}
			return err
		}},
	} {
		p.shown = nil
		err := test.whole()
		want := p.shown
		p.shown = nil
		if err = errors.Join(err, test.part()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, p.shown); diff != "" || len(want) != 16 {
			t.Errorf("%s: shown %d inputs: %s", name, len(want), diff)
		}
	}
}

func TestFailuresOfPartsAreThoseOfTheWhole(t *testing.T) {
	seeds := enginetest.PatternSeeds(300)
	seeds[200].Label = 9
	_, want := gate.MeasureFlips(t.Context(), enginetest.SmoothPair(), seeds, gate.FlipSettings{})
	counter := model.Must(gate.NewFlipCounter(t.Context(), enginetest.SmoothPair(), seeds, gate.FlipSettings{}))
	if _, err := counter.Count(t.Context(), 128, 256); want == nil || err == nil || err.Error() != want.Error() {
		t.Errorf("error %v; expected %v", err, want)
	}
	seeds[200].Label = 1
	failing := enginetest.PairOf(func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		for _, in := range batch {
			if in.ID() == seeds[17].Input.ID() {
				panic("poison")
			}
		}
		return enginetest.Smooth.Predict(ctx, batch)
	}, enginetest.Smooth.Moved(0.1).Predict)
	s := gate.RateSettings{Limit: 0.1, Draws: 384, Workers: 1, BatchSize: 1}
	_, want = gate.MeasureRate(t.Context(), failing, generators.AsTheyAre(seeds), s)
	drawer := model.Must(gate.NewRateDrawer(t.Context(), failing, generators.AsTheyAre(seeds), s))
	if _, err := drawer.Draw(t.Context(), 0, 384); want == nil || err == nil || err.Error() != want.Error() {
		t.Errorf("error %v; expected %v", err, want)
	}
}

// documents are parts of both kinds, as they are sent.
func documents(t testing.TB) (draws, counts []byte) {
	pair, seeds := enginetest.LabelPair(0.5), enginetest.PatternSeeds(130)
	s := gate.RateSettings{Limit: 0.3, Draws: 140, Examples: 1}
	drawer := model.Must(gate.NewRateDrawer(t.Context(), pair, generators.Corrupted(seeds), s))
	counter := model.Must(gate.NewFlipCounter(t.Context(), pair, holes{seeds}, gate.FlipSettings{Examples: 1}))
	return model.Must(model.Must(drawer.Draw(t.Context(), 128, 140)).MarshalBinary()), model.Must(model.Must(counter.Count(t.Context(), 0, 130)).MarshalBinary())
}

// resealed is data with the checksum that belongs to it, so that fuzzing comes past that.
func resealed(data []byte) []byte {
	if len(data) < 4 {
		return data
	}
	body := data[:len(data)-4]
	return binary.LittleEndian.AppendUint32(bytes.Clone(body), crc32.ChecksumIEEE(body))
}

func FuzzRateDraws(f *testing.F) {
	draws, _ := documents(f)
	f.Add(draws)
	f.Fuzz(func(t *testing.T, data []byte) {
		data = resealed(data)
		var d gate.RateDraws
		if d.UnmarshalBinary(data) != nil {
			return
		}
		if again, err := d.MarshalBinary(); err != nil || !bytes.Equal(again, data) {
			t.Fatalf("written otherwise than it was read (error %v)", err)
		}
		var c gate.RateCombiner
		if c.Add(&d) == nil {
			c.Rate()
		}
	})
}

func FuzzFlipCounts(f *testing.F) {
	_, counts := documents(f)
	f.Add(counts)
	f.Fuzz(func(t *testing.T, data []byte) {
		data = resealed(data)
		var d gate.FlipCounts
		if d.UnmarshalBinary(data) != nil {
			return
		}
		if again, err := d.MarshalBinary(); err != nil || !bytes.Equal(again, data) {
			t.Fatalf("written otherwise than it was read (error %v)", err)
		}
		var c gate.FlipCombiner
		if c.Add(&d) == nil {
			c.Flips()
		}
	})
}

func TestDamagedPartsAreRefused(t *testing.T) {
	draws, counts := documents(t)
	for says, change := range map[string]func([]byte) []byte{
		"another format":    func(data []byte) []byte { return append([]byte("x"), data...) },
		"format version is": func(data []byte) []byte { d := bytes.Clone(data); d[bytes.IndexByte(d, 0)+1] = 9; return d },
		"it is damaged":     func(data []byte) []byte { d := bytes.Clone(data); d[len(d)/2] ^= 1; return d },
		"cut off":           func(data []byte) []byte { return data[:len(data)-1] },
		"unknown field":     func(data []byte) []byte { return resealed(bytes.Replace(data, []byte(`"from"`), []byte(`"form"`), 1)) },
		"expected multiples of": func(data []byte) []byte {
			return resealed(regexp.MustCompile(`"from":\d+`).ReplaceAll(data, []byte(`"from":-9`)))
		},
	} {
		var d gate.RateDraws
		var c gate.FlipCounts
		for _, err := range []error{d.UnmarshalBinary(change(draws)), c.UnmarshalBinary(change(counts))} {
			if err == nil || !strings.Contains(err.Error(), says) && !(strings.HasPrefix(says, "expected mult") && strings.Contains(err.Error(), "by 128")) {
				t.Errorf("error %v; expected %q", err, says)
			}
		}
	}
}
