package signal_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/signal"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/inputtest"
	"pgregory.net/rapid"
)

func must(t testing.TB) func(input.SeverityMutator, error) input.SeverityMutator {
	return func(m input.SeverityMutator, err error) input.SeverityMutator {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
}

// allOperators are those of the set, and operators with the most extreme parameters.
func allOperators(t testing.TB) []input.SeverityMutator {
	extreme := must(t)
	return slices.Concat(signal.Corruptions(), []input.SeverityMutator{
		extreme(signal.WhiteNoise(-60)), extreme(signal.PinkNoise(100)), extreme(signal.Gain(60)), extreme(signal.Clipping(0.001)), extreme(signal.Clipping(1)),
		extreme(signal.TimeShift(1)), extreme(signal.TimeStretch(4)), extreme(signal.LowPass(0.001)), extreme(signal.HighPass(1)),
		extreme(signal.MuLaw(2)), extreme(signal.FewerBits(2)), extreme(signal.FewerBits(16)), extreme(signal.TimeMask(1)), extreme(signal.FrequencyMask(1)),
		extreme(signal.Reverb(0.001)), extreme(signal.Reverb(10)),
	})
}

var pcm = input.Domain{Min: -1, Max: 32767. / 32768, Step: 1. / 32768}

var domains = []input.Domain{
	pcm, {Min: -1, Max: 1}, {Min: 0, Max: 255, Step: 1}, {Min: -80, Max: 0}, {Min: -32768, Max: 32767, Step: 1}, {Min: 3, Max: 4}, {Min: -3.4e37, Max: 3.4e37},
}

func randomSignal(shape []int, domain input.Domain, rng *rand.Rand) input.Input {
	n := 1
	for _, d := range shape {
		n *= d
	}
	in := input.Input{Shape: shape, Data: make([]float32, n), Domain: domain, Kind: input.Signal}
	for i := range in.Data {
		in.Data[i] = domain.Snap(domain.Min + domain.Range()*rng.Float32())
	}
	return in
}

// tone is a smooth sound of n samples in -1..1, of two frequencies, which fades in and out.
func tone(n, channels int) input.Input {
	in := input.Input{Shape: []int{n}, Data: make([]float32, n*channels), Domain: input.Domain{Min: -1, Max: 1}, Kind: input.Signal}
	if channels > 1 {
		in.Shape = []int{n, channels}
	}
	for i := range in.Data {
		t, c := float64(i/channels), float64(i%channels)
		fade := math.Sin(math.Pi * t / float64(n))
		in.Data[i] = float32(fade * (0.4*math.Sin(0.2*t+c) + 0.2*math.Sin(0.05*t)))
	}
	return in
}

// drawSignal draws a signal of any shape, whose features may differ in their domains, or another input.
func drawSignal(t *rapid.T, rng *rand.Rand) input.Input {
	shape := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(1, 4), rapid.IntRange(1, 40)), 1, 3).Draw(t, "shape")
	in := randomSignal(shape, rapid.SampledFrom(domains).Draw(t, "domain"), rng)
	if rapid.IntRange(0, 9).Draw(t, "kind") == 0 {
		in.Kind = rapid.SampledFrom([]input.Kind{input.Other, input.Tokens, "ecg"}).Draw(t, "of")
	}
	if rapid.IntRange(0, 3).Draw(t, "mixed") == 0 {
		in.Layout = &input.Layout{Domains: make([]input.Domain, len(in.Data))}
		for i := range in.Data {
			in.Layout.Domains[i] = domains[i%len(domains)]
			in.Data[i] = in.Layout.Domains[i].Snap(in.Data[i])
		}
	}
	return in
}

// mutantAt is the mutant in memory that held something else.
func mutantAt(m input.SeverityMutator, src input.Input, severity float64, stream uint64) input.Input {
	dst := src.Clone()
	for i := range dst.Data {
		dst.Data[i] = src.DomainAt(i).Max
	}
	m.MutateAt(dst, src, severity, stream)
	return dst
}

func TestOperatorsKeepTheContract(t *testing.T) {
	operators := allOperators(t)
	rapid.Check(t, func(t *rapid.T) {
		stream := rapid.Uint64().Draw(t, "stream")
		severity := rapid.OneOf(rapid.Float64Range(0, 1), rapid.SampledFrom([]float64{1e-300, 1e-9, 1})).Draw(t, "severity")
		src := drawSignal(t, rand.New(rand.NewPCG(stream, 0)))
		for _, m := range operators {
			before, first := src.Clone(), src.Clone()
			m.MutateAt(first, src, severity, stream)
			if diff := cmp.Diff(before, src); diff != "" {
				t.Fatalf("%s changed its source (-before +after):\n%s", m, diff)
			}
			if second := mutantAt(m, src, severity, stream); !slices.Equal(first.Data, second.Data) {
				t.Fatalf("%s: expected the same mutant at the same severity of the same stream", m)
			}
			if err := first.Validate(); err != nil {
				t.Fatalf("%s of %s: %v", m, src, err)
			}
			if input.Supports(m, src) != nil && !slices.Equal(first.Data, src.Data) {
				t.Fatalf("%s: expected an input that is not supported to be copied", m)
			}
			for _, none := range []float64{0, -1, math.NaN(), math.Inf(-1)} {
				if got := mutantAt(m, src, none, stream); !slices.Equal(got.Data, src.Data) {
					t.Fatalf("%s at %g: expected the source", m, none)
				}
			}
			if got, most := mutantAt(m, src, math.Inf(1), stream), mutantAt(m, src, 1, stream); !slices.Equal(got.Data, most.Data) {
				t.Fatalf("%s at infinity: expected the mutant at 1", m)
			}
			drawn, again := src.Clone(), src.Clone()
			m.Mutate(drawn, src, rand.New(rand.NewPCG(stream, 1)))
			rng := rand.New(rand.NewPCG(stream, 1))
			severity := 0.1 + 0.9*rng.Float64()
			if m.MutateAt(again, src, severity, rng.Uint64()); !slices.Equal(drawn.Data, again.Data) {
				t.Fatalf("%s: expected the mutant at the severity %g", m, severity)
			}
		}
	})
}

// changed is the Euclidean distance a value and the greatest of any, as parts of the domain's range.
func changed(from, to input.Input) (l2, most float64) {
	for i, v := range to.Data {
		d := math.Abs(float64(v)-float64(from.Data[i])) / float64(from.Domain.Range())
		l2, most = l2+d*d, max(most, d)
	}
	return math.Sqrt(l2 / float64(len(from.Data))), most
}

func TestPathsAreContinuous(t *testing.T) {
	const step, most = 1e-5, 0.01
	rng := rand.New(rand.NewPCG(1, 2))
	for _, src := range []input.Input{tone(500, 1), tone(300, 2), randomSignal([]int{200}, input.Domain{Min: -1, Max: 1}, rng), randomSignal([]int{30, 20}, input.Domain{Min: -80, Max: 0}, rng)} {
		for _, m := range generators.Supporting(src, signal.Corruptions()) {
			path := m.(input.SeverityMutator)
			for i := range 60 {
				severity, stream := rng.Float64(), rng.Uint64()
				if i == 0 {
					severity = 0
				}
				if _, d := changed(mutantAt(path, src, severity, stream), mutantAt(path, src, severity+step, stream)); d > most {
					t.Errorf("%s of %v from %g on: a value jumps by %.3f of the range", m, src.Shape, severity, d)
				}
			}
			last := src
			for i := range 400 {
				next := mutantAt(path, src, float64(i+1)/400, 11)
				if d, _ := changed(last, next); d > 0.04 {
					t.Errorf("%s of %v from %g on: a step of 1/400 changes the signal by %.3f", m, src.Shape, float64(i)/400, d)
				}
				last = next
			}
		}
	}
}

func TestChangesGrowWithTheSeverity(t *testing.T) {
	severities := []float64{0.1, 0.3, 0.6, 1}
	src := tone(400, 2)
	for i, v := range src.Data { // longer waves, so that a shift does not lead to the next one
		t := float64(i / 2)
		src.Data[i] = v/4 + float32(0.4*math.Sin(0.03*t)+0.3*math.Sin(0.0005*t*t))
	}
	for _, m := range signal.Corruptions() {
		mean := make([]float64, len(severities))
		for i, severity := range severities {
			for stream := range uint64(20) {
				d, _ := changed(src, mutantAt(m, src, severity, stream))
				mean[i] += d / 20
			}
		}
		for i := range severities[1:] {
			if mean[i+1] <= mean[i]*1.02 {
				t.Errorf("%s: expected changes that grow, found %.5f at the severities %g", m, mean, severities)
				break
			}
		}
	}
}

func TestStreamsAreDifferentPaths(t *testing.T) {
	certain := []string{"clipping", "low-pass", "high-pass", "mu-law", "fewer-bits"}
	src := tone(400, 2)
	for _, m := range signal.Corruptions() {
		different := map[string]bool{}
		for stream := range uint64(32) {
			different[mutantAt(m, src, 0.7, stream).ID()] = true
		}
		if one := slices.Contains(certain, m.String()); one != (len(different) == 1) {
			t.Errorf("%s: %d paths in 32 streams", m, len(different))
		}
	}
}

// An operator means the same in every domain.
func TestOperatorsAgreeBetweenDomains(t *testing.T) {
	src := tone(300, 2)
	scaled := func(domain input.Domain) input.Input {
		in := src.Clone()
		in.Domain = domain
		for i, v := range src.Data {
			in.Data[i] = domain.Snap(domain.Min + (v+1)/2*domain.Range())
		}
		return in
	}
	for _, domain := range []input.Domain{{Min: -32768, Max: 32768}, {Min: 0, Max: 2}, {Min: -32768, Max: 32768, Step: 1}} {
		other := scaled(domain)
		for _, m := range signal.Corruptions() {
			if domain.Step > 0 && (m.String() == "mu-law" || m.String() == "fewer-bits") {
				continue // a step more or less decides which way they round
			}
			for stream := range uint64(4) {
				severity := float64(stream+1) / 4
				got, want := mutantAt(m, other, severity, stream), mutantAt(m, src, severity, stream)
				for i, v := range got.Data {
					if d := (float64(v)-float64(domain.Min))*2/float64(domain.Range()) - 1 - float64(want.Data[i]); math.Abs(d) > 5e-4 {
						t.Fatalf("%s at %g in %s: value %d is off by %g", m, severity, domain, i, d)
					}
				}
			}
		}
	}
}

func TestOperatorsDoNotAllocate(t *testing.T) {
	if inputtest.RaceDetector {
		t.Skip("the race detector makes sync.Pool forget")
	}
	for _, domain := range []input.Domain{pcm, {Min: -1, Max: 1}} {
		src := randomSignal([]int{500, 3}, domain, rand.New(rand.NewPCG(1, 2)))
		dst, rng := src.Clone(), rand.New(rand.NewPCG(3, 4))
		for _, m := range allOperators(t) {
			if n := testing.AllocsPerRun(50, func() { m.Mutate(dst, src, rng) }); n != 0 {
				t.Errorf("%s on %s: expected no allocation, found %g a mutant", m, domain, n)
			}
		}
	}
}

func TestOperatorsRunConcurrently(t *testing.T) {
	src := tone(200, 2)
	for _, m := range signal.Corruptions() {
		want := make([][]float32, 4)
		for i := range want {
			want[i] = mutantAt(m, src, 0.5, uint64(i)).Data
		}
		var wait sync.WaitGroup
		for i := range want {
			wait.Go(func() {
				for range 10 {
					if !slices.Equal(mutantAt(m, src, 0.5, uint64(i)).Data, want[i]) {
						t.Errorf("%s: another mutant when run concurrently", m)
						return
					}
				}
			})
		}
		wait.Wait()
	}
}

func TestOperatorsFitShapes(t *testing.T) {
	fit := func(kind input.Kind, shape ...int) (names []string) {
		in := randomSignal(shape, pcm, rand.New(rand.NewPCG(1, 2)))
		in.Kind = kind
		for _, m := range signal.Corruptions() {
			if err := input.Supports(m, in); err == nil {
				names = append(names, m.String())
			} else if !strings.HasPrefix(err.Error(), m.String()+": expected a ") || !strings.Contains(err.Error(), ", found ") {
				t.Errorf("%s: error %v", m, err)
			}
		}
		return names
	}
	all := []string{"white-noise", "pink-noise", "gain", "clipping", "time-shift", "time-stretch", "low-pass", "high-pass", "mu-law", "fewer-bits",
		"time-mask", "frequency-mask", "reverb"}
	sound := slices.Concat(all[:11], all[12:])
	for _, test := range []struct {
		found, want []string
	}{
		{fit(input.Signal, 40, 8), all},
		{fit(input.Signal, 40), sound},
		{fit(input.Signal, 40, 1), sound},
		{fit(input.Signal, 40, 9), []string{"white-noise", "pink-noise", "time-shift", "time-stretch", "time-mask", "frequency-mask"}},
		{fit(input.Signal, 4, 5, 2), nil},
		{fit(input.Other, 40), nil},
		{fit(input.Image, 40, 8), nil},
		{fit(input.Tokens, 40), nil},
		{fit("ecg", 40), nil},
	} {
		if diff := cmp.Diff(test.want, test.found); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestConstructorsRefuse(t *testing.T) {
	refused := func(_ input.SeverityMutator, err error) error { return err }
	for want, err := range map[string]error{
		"white-noise: a ratio of signal to noise, in dB, of -61: expected -60 to 100":              refused(signal.WhiteNoise(-61)),
		"pink-noise: a ratio of signal to noise, in dB, of NaN: expected -60 to 100":               refused(signal.PinkNoise(math.NaN())),
		"gain: a change, in dB, of 0: expected 0.1 to 60":                                          refused(signal.Gain(0)),
		"clipping: a level of 2: expected 0.001 to 1":                                              refused(signal.Clipping(2)),
		"time-shift: a share of the length of 0: expected 0.001 to 1":                              refused(signal.TimeShift(0)),
		"time-stretch: a factor of -1: expected 1.01 to 4":                                         refused(signal.TimeStretch(-1)),
		"low-pass: a share of half the sampling rate of 3400: expected 0.001 to 1":                 refused(signal.LowPass(3400)),
		"high-pass: a share of half the sampling rate of +Inf: expected 0.001 to 1":                refused(signal.HighPass(math.Inf(1))),
		"mu-law: bits 1: expected 2 to 12":                                                         refused(signal.MuLaw(1)),
		"fewer-bits: bits 17: expected 2 to 16":                                                    refused(signal.FewerBits(17)),
		"time-mask: a share of the length of 1.5: expected 0.001 to 1":                             refused(signal.TimeMask(1.5)),
		"frequency-mask: a share of the features of 27: expected 0.001 to 1":                       refused(signal.FrequencyMask(27)),
		"reverb: a time of reverberation, as a share of the length, of 8000: expected 0.001 to 10": refused(signal.Reverb(8000)),
	} {
		if err == nil || err.Error() != "signal: "+want {
			t.Errorf("expected %q, found %v", want, err)
		}
	}
}

// The tests below hold the documented units.

func power(values []float32, less []float32) float64 {
	sum := 0.0
	for i, v := range values {
		d := float64(v)
		if less != nil {
			d -= float64(less[i])
		}
		sum += d * d
	}
	return sum / float64(len(values))
}

func TestNoiseHasItsRatio(t *testing.T) {
	src := tone(4000, 1)
	src.Domain = input.Domain{Min: -100, Max: 100} // room for all of it
	for _, constructor := range []func(float64) (input.SeverityMutator, error){signal.WhiteNoise, signal.PinkNoise} {
		m := must(t)(constructor(10))
		for severity, want := range map[float64]float64{1: 10, 0.1: 30} {
			got := mutantAt(m, src, severity, 5)
			if snr := 10 * math.Log10(power(src.Data, nil)/power(got.Data, src.Data)); math.Abs(snr-want) > 0.05 {
				t.Errorf("%s at %g: %g dB, expected %g", m, severity, snr, want)
			}
		}
		silence := tone(100, 1)
		clear(silence.Data)
		if loud := math.Sqrt(power(mutantAt(must(t)(constructor(0)), silence, 1, 5).Data, nil)); math.Abs(loud-1e-3) > 1e-5 {
			t.Errorf("%s in silence: %g, expected 0.001 of full scale", m, loud)
		}
	}
}

// Pink noise has most of its power at low frequencies: sums of neighbours grow more than those of white noise.
func TestNoiseHasItsColour(t *testing.T) {
	src := tone(4096, 1)
	src.Domain = input.Domain{Min: -100, Max: 100}
	smooth := func(constructor func(float64) (input.SeverityMutator, error)) float64 {
		got := mutantAt(must(t)(constructor(0)), src, 1, 5)
		var near, all float64
		for i := 1; i < len(got.Data); i++ {
			a, b := float64(got.Data[i]-src.Data[i]), float64(got.Data[i-1]-src.Data[i-1])
			near, all = near+a*b, all+a*a
		}
		return near / all // correlation of neighbours
	}
	if white := smooth(signal.WhiteNoise); math.Abs(white) > 0.06 {
		t.Errorf("neighbours in white noise correlate by %g", white)
	}
	if pink := smooth(signal.PinkNoise); pink < 0.5 || pink > 0.95 {
		t.Errorf("neighbours in pink noise correlate by %g", pink)
	}
}

func TestLevels(t *testing.T) {
	src := tone(300, 1)
	src.Domain = input.Domain{Min: -10, Max: 10}
	seen := map[string]bool{}
	for stream := range uint64(20) {
		got := mutantAt(must(t)(signal.Gain(6)), src, 1, stream)
		seen[fmt.Sprintf("%.3f", math.Sqrt(power(got.Data, nil)/power(src.Data, nil)))] = true
	}
	if !seen["1.995"] || !seen["0.501"] || len(seen) != 2 {
		t.Errorf("gains of %v", seen)
	}
	peak := slices.Max(src.Data)
	low := -slices.Min(src.Data)
	clipped := mutantAt(must(t)(signal.Clipping(0.25)), src, 1, 0)
	if got := slices.Max(clipped.Data); math.Abs(float64(got)-0.25*float64(max(peak, low))) > 1e-6 {
		t.Errorf("clipped to %g of %g", got, peak)
	}
	src.Domain = input.Domain{Min: -1, Max: 1}
	values := map[float32]bool{}
	for _, v := range mutantAt(must(t)(signal.FewerBits(3)), src, 1, 0).Data {
		values[float32(math.Round(float64(v)*3))] = true
		if math.Abs(float64(v)*3-math.Round(float64(v)*3)) > 1e-5 {
			t.Errorf("a value of 3 bits is %g", v)
		}
	}
	if len(values) < 3 || len(values) > 7 {
		t.Errorf("%d values of 3 bits", len(values))
	}
}

// µ-law with 8 bits keeps a ratio of about 38 dB, for loud and quiet sounds alike; 8 plain bits do not.
func TestMuLawKeepsItsRatio(t *testing.T) {
	for _, loudness := range []float32{1, 0.05} {
		src := tone(4000, 1)
		for i := range src.Data {
			src.Data[i] *= loudness
		}
		ratio := func(m input.SeverityMutator) float64 {
			return 10 * math.Log10(power(src.Data, nil)/power(mutantAt(m, src, 1, 0).Data, src.Data))
		}
		if snr := ratio(must(t)(signal.MuLaw(8))); snr < 33 || snr > 41 {
			t.Errorf("µ-law at a loudness of %g: %g dB", loudness, snr)
		}
		if snr := ratio(must(t)(signal.FewerBits(8))); (snr > 35) != (loudness == 1) {
			t.Errorf("8 bits at a loudness of %g: %g dB", loudness, snr)
		}
	}
}

func TestTimeMoves(t *testing.T) {
	src := tone(1000, 1)
	at := map[int]bool{}
	for stream := range uint64(20) {
		got := mutantAt(must(t)(signal.TimeShift(0.1)), src, 1, stream).Data
		for _, shift := range []int{-100, 100} {
			same := true
			for i := 200; i < 800; i++ {
				same = same && math.Abs(float64(got[i]-src.Data[i-shift])) < 1e-6
			}
			at[shift] = at[shift] || same
		}
	}
	if !at[100] || !at[-100] {
		t.Errorf("shifts by a tenth: %v", at)
	}
	pulse := tone(1001, 1)
	clear(pulse.Data)
	pulse.Data[700] = 0.9
	ends := map[int]bool{}
	for stream := range uint64(20) {
		got := mutantAt(must(t)(signal.TimeStretch(1.25)), pulse, 1, stream).Data
		ends[slices.Index(got, slices.Max(got))] = true
	}
	if !ends[660] || !ends[750] || len(ends) != 2 {
		t.Errorf("sample 700 of 1001 is at %v, expected 660 and 750", ends)
	}
}

func TestMasks(t *testing.T) {
	src := randomSignal([]int{50, 40}, input.Domain{Min: 0, Max: 1}, rand.New(rand.NewPCG(1, 2)))
	for name, test := range map[string]struct {
		m      input.SeverityMutator
		places int
		of     func(i int) int
	}{
		"time-mask":      {must(t)(signal.TimeMask(0.2)), 10, func(i int) int { return i / 40 }},
		"frequency-mask": {must(t)(signal.FrequencyMask(0.25)), 10, func(i int) int { return i % 40 }},
	} {
		first := map[int]bool{}
		for stream := range uint64(20) {
			got := mutantAt(test.m, src, 1, stream)
			hit := map[int]bool{}
			for i, v := range got.Data {
				if v != src.Data[i] {
					hit[test.of(i)] = true
				}
			}
			if len(hit) < test.places || len(hit) > test.places+1 {
				t.Errorf("%s: %d places, expected %d and parts of two at the ends", name, len(hit), test.places)
			}
			least := 100
			for place := range hit {
				least = min(least, place)
			}
			first[least] = true
		}
		if len(first) < 8 {
			t.Errorf("%s: begins at %d places in 20 streams", name, len(first))
		}
	}
}

// Filters let through what they should, and keep what lies at the ends where it is.
func TestFilters(t *testing.T) {
	const n = 1024                        // a power of two, next to which there is no room without a longer transform
	sine := func(f float64) input.Input { // f is a share of half the sampling rate
		in := tone(n, 1)
		for i := range in.Data {
			in.Data[i] = float32(0.5 * math.Sin(math.Pi*f*float64(i)))
		}
		return in
	}
	gain := func(m input.SeverityMutator, f, severity float64) float64 {
		in := sine(f)
		return 20 * math.Log10(math.Sqrt(power(mutantAt(m, in, severity, 0).Data[200:800], nil)/power(in.Data[200:800], nil)))
	}
	low, high := must(t)(signal.LowPass(0.2)), must(t)(signal.HighPass(0.2))
	for _, test := range []struct {
		m              input.SeverityMutator
		f, s, low, top float64
	}{
		{low, 0.05, 1, -0.1, 0.1}, {low, 0.2, 1, -3.3, -2.7}, {low, 0.4, 1, -25, -23}, {low, 0.4, 0.5, -3.3, -2.7},
		{high, 0.8, 1, -0.1, 0.1}, {high, 0.2, 1, -3.3, -2.7}, {high, 0.1, 1, -25, -23}, {high, 0.1, 0.5, -3.3, -2.7},
	} {
		if got := gain(test.m, test.f, test.s); got < test.low || got > test.top {
			t.Errorf("%s at %g: %g dB at the frequency %g, expected %g to %g", test.m, test.s, got, test.f, test.low, test.top)
		}
	}
	step := tone(n, 1) // from one level to another: its ends are far apart
	for i := range step.Data {
		step.Data[i] = float32(i)/n - 0.5
	}
	got := mutantAt(low, step, 1, 0)
	if d := math.Abs(float64(got.Data[0] - step.Data[0])); d > 0.01 {
		t.Errorf("the end of a ramp leaks into its beginning: %g", d)
	}
}

// Echoes come after a sound, fade, and are as loud as it is.
func TestReverb(t *testing.T) {
	src := tone(2000, 1)
	clear(src.Data)
	src.Data[500] = 0.9
	got := mutantAt(must(t)(signal.Reverb(0.25)), src, 1, 3)
	if before := power(got.Data[:500], nil); before > 1e-12 {
		t.Errorf("echoes come before the sound: %g", before)
	}
	direct := float64(got.Data[500])
	if math.Abs(direct-0.9/math.Sqrt2) > 1e-4 {
		t.Errorf("the sound itself is %g", direct)
	}
	if echo := power(got.Data[501:], nil) * 1499; math.Abs(echo/(direct*direct)-1) > 0.02 {
		t.Errorf("echoes have %g of the energy of the sound", echo/(direct*direct))
	}
	early, late := power(got.Data[501:601], nil), power(got.Data[751:851], nil) // half the time of reverberation later
	if fall := 10 * math.Log10(early/late); fall < 27 || fall > 33 {
		t.Errorf("echoes fell by %g dB in the time that stands for 30", fall)
	}
}

func TestCorruptedSignals(t *testing.T) {
	var seeds input.SeedList
	for range 3 {
		seeds = append(seeds, input.Seed{Input: tone(200, 1), Label: input.Unlabelled})
	}
	d := generators.Corrupted(seeds).By(signal.Corruptions()...)
	seen := map[string]bool{}
	for i := range 300 {
		draw, err := input.DrawAt(d, 1, i)
		if err != nil {
			t.Fatal(err)
		}
		if err := draw.Input.Validate(); err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(draw.Change, " at severity ")
		seen[name] = true
	}
	if len(seen) != 12 { // the frequency mask needs features
		t.Errorf("%d corruptions were drawn: %v", len(seen), seen)
	}
}
