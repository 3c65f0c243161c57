package generators_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/inputtest"
	"pgregory.net/rapid"
)

// constructors of the corruptions that take a severity, by name.
var constructors = map[string]func(generators.Span) (input.SeverityMutator, error){
	"shot-noise": generators.ShotNoise, "impulse-noise": generators.ImpulseNoise,
	"defocus-blur": generators.DefocusBlur, "motion-blur": generators.MotionBlur, "haze": generators.Haze,
	"brightness": generators.Brightness, "contrast": generators.Contrast, "gamma": generators.Gamma,
	"saturation":  generators.Saturation,
	"translation": generators.Translation, "rotation": generators.Rotation, "scale": generators.Scale,
	"shear":            generators.Shear,
	"jpeg-compression": generators.JPEGCompression, "pixelation": generators.Pixelation,
	"occlusion": generators.Occlusion,
}

// mutantAt is the mutant in memory that held something else.
func mutantAt(m input.SeverityMutator, src input.Input, severity float64, stream uint64) input.Input {
	dst := src.Clone()
	for i := range dst.Data {
		dst.Data[i] = src.Domain.Max
	}
	m.MutateAt(dst, src, severity, stream)
	return dst
}

// corruptionAt is the mutant by the corruption of that name.
func corruptionAt(t testing.TB, name string, src input.Input, severity float64, stream uint64) input.Input {
	t.Helper()
	m, err := generators.ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return mutantAt(m.(input.SeverityMutator), src, severity, stream)
}

// changed is how far an input is from another: the Euclidean distance a value as a part of the domain's range,
// and the greatest of any value.
func changed(from, to input.Input) (l2, most float64) {
	for i, v := range to.Data {
		d := math.Abs(float64(v)-float64(from.Data[i])) / float64(from.Domain.Range())
		l2, most = l2+d*d, max(most, d)
	}
	return math.Sqrt(l2 / float64(len(from.Data))), most
}

// in01 is the input in the domain 0..1 without steps.
func in01(in input.Input) input.Input {
	out := in.Clone()
	out.Domain = input.Domain{Min: 0, Max: 1}
	for i, v := range in.Data {
		out.Data[i] = (v - in.Domain.Min) / in.Domain.Range()
	}
	return out
}

func seedImages(t testing.TB, n int) []input.Input {
	t.Helper()
	images := []input.Input{drawHouse()}
	for i := range n {
		seed, err := fixtures.Seeds().Seed(i)
		if err != nil {
			t.Fatal(err)
		}
		images = append(images, seed.Input)
	}
	return images
}

func TestSeveritiesKeepTheContract(t *testing.T) {
	corruptions := generators.Corruptions()
	rapid.Check(t, func(t *rapid.T) {
		domain := rapid.SampledFrom(domains).Draw(t, "domain")
		stream := rapid.Uint64().Draw(t, "stream")
		severity := rapid.OneOf(rapid.Float64Range(0, 1), rapid.SampledFrom([]float64{1e-300, 1e-9, 1})).Draw(t, "severity")
		src := randomInput(drawShape(t), domain, rand.New(rand.NewPCG(stream, 0)))
		for _, m := range corruptions {
			before, first := src.Clone(), src.Clone()
			m.MutateAt(first, src, severity, stream)
			if diff := cmp.Diff(before, src); diff != "" {
				t.Fatalf("%s changed its source (-before +after):\n%s", m, diff)
			}
			if second := mutantAt(m, src, severity, stream); !slices.Equal(first.Data, second.Data) {
				t.Fatalf("%s: expected the same mutant at the same severity of the same stream", m)
			}
			if err := first.Validate(); err != nil {
				t.Fatalf("%s: %v", m, err)
			}
			if !supports(m, src) && !slices.Equal(first.Data, src.Data) {
				t.Fatalf("%s: expected an input that is not supported to be copied", m)
			}
		}
	})
}

func TestSeverityZeroIsTheInputAndOneTheMost(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, domain := range domains {
		src := randomInput([]int{11, 14, 3}, domain, rng)
		for _, m := range generators.Corruptions() {
			for _, none := range []float64{0, -1, math.NaN(), math.Inf(-1)} {
				if got := mutantAt(m, src, none, 7); !slices.Equal(got.Data, src.Data) {
					t.Errorf("%s at %g: expected the source", m, none)
				}
			}
			most := mutantAt(m, src, 1, 7)
			for _, above := range []float64{1.5, math.Inf(1)} {
				if got := mutantAt(m, src, above, 7); !slices.Equal(got.Data, most.Data) {
					t.Errorf("%s at %g: expected the mutant at 1", m, above)
				}
			}
			if slices.Equal(most.Data, src.Data) {
				t.Errorf("%s at 1: expected a change", m)
			}
		}
	}
}

func TestMutateDrawsSeverityAndStream(t *testing.T) {
	src := drawHouse()
	for name, constructor := range constructors {
		m, err := constructor(generators.Between(0.25, 0.75))
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(3, 4))
		severity := 0.25 + 0.5*rng.Float64()
		want, got := mutantAt(m, src, severity, rng.Uint64()), src.Clone()
		m.Mutate(got, src, rand.New(rand.NewPCG(3, 4)))
		if !slices.Equal(got.Data, want.Data) {
			t.Errorf("%s: expected the mutant at the severity %g", name, severity)
		}
	}
}

// Without steps of the domain, a path has no jumps: what a severity changes goes to nothing with it, at
// severity 0 as well as anywhere else.
func TestSeveritiesAreContinuous(t *testing.T) {
	const (
		step = 1e-5
		most = 0.02 // of the range of a value; a jump of salt or of a block of JPEG is larger
	)
	images := []input.Input{
		in01(drawHouse()), in01(seedImages(t, 1)[1]),
		randomInput([]int{13, 9, 1}, input.Domain{Min: 0, Max: 1}, rand.New(rand.NewPCG(1, 2))),
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for _, src := range images {
		for _, m := range generators.Supporting(src, generators.Corruptions()) {
			path := m.(input.SeverityMutator)
			for i := range 60 {
				severity, stream := rng.Float64(), rng.Uint64()
				if i == 0 {
					severity = 0
				}
				here, next := mutantAt(path, src, severity, stream), mutantAt(path, src, severity+step, stream)
				if _, d := changed(here, next); d > most {
					t.Errorf("%s of %v from %g on: a value jumps by %.3f of the range", m, src.Shape, severity, d)
				}
			}
		}
	}
}

// A jump between two severities would be found by following a path at small steps: they add up to about its
// whole length, instead of one being most of it.
func TestPathsHaveNoLongSteps(t *testing.T) {
	const steps = 400
	src := in01(drawHouse())
	for _, m := range generators.Corruptions() {
		last := src
		for i := range steps {
			next := mutantAt(m, src, float64(i+1)/steps, 11)
			if d, _ := changed(last, next); d > 0.04 {
				t.Errorf("%s from %g on: a step of 1/%d changes the image by %.3f", m, float64(i)/steps, steps, d)
			}
			last = next
		}
	}
}

func TestChangesGrowWithTheSeverity(t *testing.T) {
	severities := []float64{0.1, 0.3, 0.6, 1}
	images := seedImages(t, 20)
	for _, m := range generators.Corruptions() {
		mean := make([]float64, len(severities))
		for i, severity := range severities {
			for stream, src := range images {
				d, _ := changed(src, mutantAt(m, src, severity, uint64(stream)))
				mean[i] += d / float64(len(images))
			}
		}
		for i := range severities[1:] {
			if mean[i+1] <= mean[i]*1.02 {
				t.Errorf("%s: expected changes that grow, found %.4f at the severities %g", m, mean, severities)
				break
			}
		}
	}
}

// certain are the corruptions that have no randomness beside their severity.
var certain = []string{"defocus-blur", "jpeg-compression", "pixelation"}

func TestStreamsAreDifferentPaths(t *testing.T) {
	src := drawHouse()
	for _, m := range generators.Corruptions() {
		different := map[string]bool{}
		for stream := range uint64(32) {
			different[mutantAt(m, src, 0.7, stream).ID()] = true
		}
		switch {
		case slices.Contains(certain, m.String()):
			if len(different) != 1 {
				t.Errorf("%s: expected one path, found %d", m, len(different))
			}
		case len(different) < 2:
			t.Errorf("%s: expected several paths, found one", m)
		}
	}
}

// Corruptions of two directions take either as often as the other.
func TestStreamsHaveBothDirections(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	wedge := input.Input{Shape: []int{16, 16, 3}, Kind: input.Image, Data: make([]float32, 16*16*3), Domain: input.Domain{Min: 0, Max: 1}}
	for i := range wedge.Data {
		wedge.Data[i] = 0.2 + 0.5*float32(i)/float32(len(wedge.Data)) + 0.1*rng.Float32()
	}
	mean := func(in input.Input) (mean float64) {
		for _, v := range in.Data {
			mean += float64(v) / float64(len(in.Data))
		}
		return mean
	}
	spread := func(in input.Input) (spread float64) {
		for _, v := range in.Data {
			spread += math.Abs(float64(v) - mean(in))
		}
		return spread
	}
	colour := func(in input.Input) (colour float64) {
		for i := 0; i < len(in.Data); i += 3 {
			colour += math.Abs(float64(in.Data[i] - in.Data[i+1]))
		}
		return colour
	}
	corner := func(in input.Input) float64 { return float64(in.Data[0]) }
	for name, measure := range map[string]func(input.Input) float64{
		"brightness": mean, "gamma": mean, "contrast": spread, "saturation": colour, "scale": spread,
	} {
		up := 0
		for stream := range uint64(100) {
			if measure(corruptionAt(t, name, wedge, 0.5, stream)) > measure(wedge) {
				up++
			}
		}
		if up < 35 || up > 65 {
			t.Errorf("%s: expected each direction in about half of 100 streams, found %d of one", name, up)
		}
	}
	for _, name := range []string{"translation", "rotation", "shear"} {
		seen := map[float64]bool{}
		for stream := range uint64(40) {
			seen[corner(corruptionAt(t, name, wedge, 0.5, stream))] = true
		}
		if len(seen) < 2 {
			t.Errorf("%s: expected several directions, found one", name)
		}
	}
}

// A corruption means the same in every domain: of bytes it is that of reals in 0..255, rounded, and in -1..1 it
// is that in 0..1, scaled.
func TestCorruptionsAgreeBetweenDomains(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, shape := range [][]int{{12, 9, 3}, {10, 11, 1}, {7, 8}, {30}} {
		bytes := randomInput(shape, input.Bytes, rng)
		reals := bytes.Clone()
		reals.Domain.Step = 0
		units, signed := in01(bytes), in01(bytes)
		signed.Domain = input.Domain{Min: -1, Max: 1}
		for i, v := range units.Data {
			signed.Data[i] = 2*v - 1
		}
		for _, m := range generators.Supporting(bytes, generators.Corruptions()) {
			path := m.(input.SeverityMutator)
			for stream := range uint64(6) {
				severity := float64(stream+1) / 6
				ofBytes, ofReals := mutantAt(path, bytes, severity, stream), mutantAt(path, reals, severity, stream)
				ofUnits, ofSigned := mutantAt(path, units, severity, stream), mutantAt(path, signed, severity, stream)
				for i, v := range ofReals.Data {
					if d := math.Abs(float64(v - ofBytes.Data[i])); d > 0.5 {
						t.Errorf("%s of %v: value %d is %g of reals and %g of bytes", m, shape, i, v, ofBytes.Data[i])
						break
					}
					if d := math.Abs(float64(v/255 - ofUnits.Data[i])); d > 1e-5 {
						t.Errorf("%s of %v: value %d is %g in 0..255 and %g in 0..1", m, shape, i, v, ofUnits.Data[i])
						break
					}
					if d := math.Abs(float64(2*ofUnits.Data[i] - 1 - ofSigned.Data[i])); d > 1e-5 {
						t.Errorf("%s of %v: value %d is %g in 0..1 and %g in -1..1", m, shape, i, ofUnits.Data[i], ofSigned.Data[i])
						break
					}
				}
			}
		}
	}
}

// What moves or spreads pixels has nothing to do where all are the same.
func TestGeometryAndOpticsKeepAConstantImage(t *testing.T) {
	for _, domain := range domains {
		value := domain.Snap(domain.Min + 0.3*domain.Range())
		src := input.Input{Shape: []int{6, 5, 2}, Kind: input.Image, Data: slices.Repeat([]float32{value}, 60), Domain: domain}
		for _, name := range []string{"translation", "rotation", "scale", "shear", "defocus-blur", "motion-blur", "pixelation", "contrast"} {
			for stream := range uint64(20) {
				got := corruptionAt(t, name, src, float64(stream+1)/20, stream)
				if diff := cmp.Diff(src.Data, got.Data); diff != "" {
					t.Fatalf("%s on %s (-source +mutant):\n%s", name, domain, diff)
				}
			}
		}
	}
}

// The tests named AtSeverityOne hold the documented units, on inputs that show them.

func constantInput(v float32, shape ...int) input.Input {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return input.Input{Shape: shape, Data: slices.Repeat([]float32{v}, n), Domain: input.Domain{Min: 0, Max: 1}, Kind: inputtest.KindOf(shape)}
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

func TestLightAtSeverityOne(t *testing.T) {
	pair, pixel := constantInput(0.4, 2), constantInput(0.4, 1, 1, 3)
	pair.Data[1], pixel.Data[0] = 0.6, 0.5
	const luma = 0.4 + 0.1*0.299
	for _, test := range []struct {
		name      string
		in        input.Input
		low, high float64 // the first value, by the two directions
	}{
		{"brightness", constantInput(0.3, 4), 0.25 * 0.3, 0.9},
		{"contrast", pair, 0.2, 0.49},
		{"gamma", constantInput(0.5, 4), 0.125, math.Cbrt(0.5)},
		{"saturation", pixel, luma, luma + 4*(0.5-luma)},
	} {
		low, high := 0, 0
		for stream := range uint64(50) {
			switch v := float64(corruptionAt(t, test.name, test.in, 1, stream).Data[0]); {
			case near(v, test.low, 1e-6):
				low++
			case near(v, test.high, 1e-6):
				high++
			default:
				t.Fatalf("%s: expected %g or %g, found %g", test.name, test.low, test.high, v)
			}
		}
		if low == 0 || high == 0 {
			t.Errorf("%s: expected both directions, found %d and %d", test.name, low, high)
		}
	}
	colours := constantInput(0.2, 8, 8, 3)
	for i := range colours.Data {
		colours.Data[i] += 0.2*float32(i%3) + 0.01*float32(i%2)
	}
	for stream := range uint64(4) {
		got := corruptionAt(t, "contrast", colours, 1, stream)
		for c := range 3 {
			before, after := 0.0, 0.0
			for i := c; i < len(got.Data); i += 3 {
				before, after = before+float64(colours.Data[i])/64, after+float64(got.Data[i])/64
			}
			if !near(before, after, 1e-5) {
				t.Errorf("contrast: expected the mean of channel %d to stay %g, found %g", c, before, after)
			}
		}
	}
	black := corruptionAt(t, "haze", constantInput(0, 32, 32, 1), 1, 5).Data
	if low, high := float64(slices.Min(black)), float64(slices.Max(black)); !near(low, 0.35*0.85, 1e-5) || !near(high, 0.85*0.85, 1e-5) {
		t.Errorf("haze: expected 0.35 to 0.85 of 0.85, found %g to %g", low, high)
	}
}

func TestGeometryAtSeverityOne(t *testing.T) {
	const side, middle = 41, 20*41 + 20
	slope := constantInput(0, side, side) // rises by 0.01 a pixel to the right
	for i := range slope.Data {
		slope.Data[i] = float32(i%side) / 100
	}
	// gradients are those in the middle of the image, in either direction and in the order of their size.
	gradients := func(name string) (x, y []float64) {
		for stream := range uint64(30) {
			moved := corruptionAt(t, name, slope, 1, stream).Data
			x = append(x, 100*float64(moved[middle+1]-moved[middle]))
			y = append(y, 100*float64(moved[middle+side]-moved[middle]))
		}
		slices.Sort(x)
		slices.Sort(y)
		return x, y
	}
	for _, test := range []struct {
		name                         string
		leastX, mostX, leastY, mostY float64
	}{
		{"translation", 1, 1, 0, 0},
		{"rotation", math.Sqrt2 / 2, math.Sqrt2 / 2, -math.Sqrt2 / 2, math.Sqrt2 / 2},
		{"scale", 1 / 1.5, 1 / 0.6, 0, 0},
		{"shear", 1, 1, -0.6, 0.6},
	} {
		x, y := gradients(test.name)
		if !near(x[0], test.leastX, 1e-4) || !near(x[29], test.mostX, 1e-4) || !near(y[0], test.leastY, 1e-4) || !near(y[29], test.mostY, 1e-4) {
			t.Errorf("%s: expected gradients %.4f..%.4f and %.4f..%.4f, found %.4f..%.4f and %.4f..%.4f", test.name,
				test.leastX, test.mostX, test.leastY, test.mostY, x[0], x[29], y[0], y[29])
		}
	}
	left, right := 0.0, 0.0
	for stream := range uint64(50) {
		moved := corruptionAt(t, "translation", slope, 1, stream)
		pixels := 100 * float64(moved.Data[middle]-slope.Data[middle])
		left, right = min(left, pixels), max(right, pixels)
	}
	if !near(left, -0.25*side, 0.1) || !near(right, 0.25*side, 0.1) {
		t.Errorf("translation: expected up to %g pixels to both sides, found %.3f..%.3f", 0.25*side, left, right)
	}
}

func TestSpreadAtSeverityOne(t *testing.T) {
	dot := constantInput(0, 51, 51)
	dot.Data[25*51+25] = 1
	blocks := math.Pow(51, 0.4)
	for _, test := range []struct {
		name        string
		least, most float64
	}{
		{"defocus-blur", 69, 69},                                     // as many as lie within 0.07 of 51, and 1 for the rim
		{"motion-blur", 0.3 * 51, 3 * (0.3*51 + 2)},                  // wide where it is not straight along the pixels
		{"pixelation", blocks * blocks, (blocks + 2) * (blocks + 2)}, // with the pixels in which blocks meet
	} {
		lit := 0.0
		for _, v := range corruptionAt(t, test.name, dot, 1, 5).Data {
			if v > 0 {
				lit++
			}
		}
		if lit < test.least || lit > test.most {
			t.Errorf("%s: expected one pixel to become %.0f to %.0f, found %.0f", test.name, test.least, test.most, lit)
		}
	}
	for stream := range uint64(10) { // points of a line spread as its length divided by the root of 12
		square := 0.0
		for i, v := range corruptionAt(t, "motion-blur", dot, 1, stream).Data {
			square += float64(v) * float64((i%51-25)*(i%51-25)+(i/51-25)*(i/51-25))
		}
		if length := math.Sqrt(12 * square); !near(length, 0.3*51, 1) {
			t.Errorf("motion-blur: expected a line of %g pixels, found %.2f", 0.3*51, length)
		}
	}
	covered := 0
	for _, v := range corruptionAt(t, "occlusion", constantInput(0.5, 40, 60, 1), 1, 5).Data {
		if v != 0.5 {
			covered++
		}
	}
	if covered < 20*20 || covered > 21*21 {
		t.Errorf("occlusion: expected a patch of 20 pixels squared, found %d pixels", covered)
	}
}

func TestNoiseAtSeverityOne(t *testing.T) {
	// The median of changes tells the deviation of a normal distribution even where many values are clipped.
	noise := func(name string, value float32) (deviation float64, extremes int) {
		var changes []float64
		for _, v := range corruptionAt(t, name, constantInput(value, 20001), 1, 5).Data {
			changes = append(changes, math.Abs(float64(v-value)))
			if v == 0 || v == 1 {
				extremes++
			}
		}
		slices.Sort(changes)
		return changes[10000] / 0.6745, extremes
	}
	if d, _ := noise("shot-noise", 0.5); !near(d, 0.6*math.Sqrt(0.5), 0.01) {
		t.Errorf("shot-noise: expected a deviation of 0.6 times the root of 0.5, found %.4f", d)
	}
	if d, n := noise("shot-noise", 0); d != 0 || n != 20001 {
		t.Errorf("shot-noise: expected black to stay, found a deviation of %g", d)
	}
	if _, n := noise("impulse-noise", 0.5); !near(float64(n)/20001, 0.38, 0.015) {
		t.Errorf("impulse-noise: expected 0.4 of the values, of which 0.02 in part, found %d of 20001", n)
	}
}

func TestGaussianNoiseAtASeverity(t *testing.T) {
	m, err := generators.GaussianNoise(generators.Between(0.05, 0.2))
	if err != nil {
		t.Fatal(err)
	}
	src := input.Input{Shape: []int{100, 100}, Kind: input.Image, Data: slices.Repeat([]float32{0.5}, 10000), Domain: input.Domain{Min: -1, Max: 2}}
	half, whole := mutantAt(m, src, 0.5, 9), mutantAt(m, src, 1, 9)
	l2, _ := changed(src, half)
	if math.Abs(l2-0.1) > 0.003 {
		t.Errorf("expected a deviation of half of 0.2, found %.4f", l2)
	}
	for i, v := range whole.Data {
		if d := float64(v-0.5) - 2*float64(half.Data[i]-0.5); v > -1 && v < 2 && math.Abs(d) > 1e-5 {
			t.Fatalf("value %d: expected twice the noise at twice the severity, found %g and %g", i, half.Data[i]-0.5, v-0.5)
		}
	}
}

func TestCorruptionsSayWhatTheyNeed(t *testing.T) {
	row := input.Input{Shape: []int{4}, Data: make([]float32, 4), Domain: input.Bytes}
	grey := input.Input{Shape: []int{2, 2, 1}, Kind: input.Image, Data: make([]float32, 4), Domain: input.Bytes}
	var takeRows []string
	for _, m := range generators.Corruptions() {
		s, ok := m.(input.InputSupporter)
		if !ok || s.Supports(row) == nil {
			takeRows = append(takeRows, m.String())
			continue
		}
		want := m.String() + ": expected an image, shape [height width channels] or [height width], found input [4], 0..255 step 1"
		if m.String() == "saturation" {
			want = "saturation: expected a colour image, shape [height width 3], found input [4], 0..255 step 1"
		}
		if err := s.Supports(row); err.Error() != want {
			t.Errorf("expected %q, found %q", want, err)
		}
		if err := s.Supports(grey); (err != nil) != (m.String() == "saturation") {
			t.Errorf("%s of a grey image: found %v", m, err)
		}
	}
	if diff := cmp.Diff([]string{"gaussian-noise", "shot-noise", "impulse-noise", "brightness", "contrast", "gamma"}, takeRows); diff != "" {
		t.Errorf("operators that take rows (-want +got):\n%s", diff)
	}
}

func TestSupportingLeavesOutTheOthers(t *testing.T) {
	all := generators.Corruptions()
	grey := input.Input{Shape: []int{2, 2}, Kind: input.Image, Data: make([]float32, 4), Domain: input.Bytes}
	var want []input.Mutator
	for _, m := range all {
		if m.String() != "saturation" {
			want = append(want, m)
		}
	}
	if got := generators.Supporting(grey, all); !slices.Equal(got, want) {
		t.Errorf("expected all but saturation, in their order, found %v", got)
	}
	if got := generators.Supporting(drawHouse(), all); len(got) != len(all) {
		t.Errorf("expected all for a colour image, found %v", got)
	}
}

func TestCorruptionsRefuseSeverities(t *testing.T) {
	if len(constructors) != len(generators.Corruptions())-1 {
		t.Fatalf("expected a constructor for each corruption but Gaussian noise, found %d", len(constructors))
	}
	for name, constructor := range constructors {
		for _, severity := range []generators.Span{
			generators.Between(-0.1, 1), generators.Exactly(1.5), generators.Between(0.6, 0.4), generators.Exactly(math.NaN()),
		} {
			_, err := constructor(severity)
			want := fmt.Sprintf("generators: %s: severity %s: expected low <= high, both within 0..1", name, severity)
			if err == nil || err.Error() != want {
				t.Errorf("expected %q, found %v", want, err)
			}
		}
		m, err := constructor(generators.Exactly(0.5))
		if err != nil || m.String() != name || strings.Contains(name, " ") {
			t.Errorf("expected %s, found %v, %v", name, m, err)
		}
	}
}

func TestSeveritiesDoNotAllocate(t *testing.T) {
	if inputtest.RaceDetector {
		t.Skip("the race detector makes sync.Pool forget")
	}
	for _, domain := range []input.Domain{input.Bytes, {Min: -1, Max: 1}} {
		src := randomInput([]int{28, 28, 3}, domain, rand.New(rand.NewPCG(1, 2)))
		dst := src.Clone()
		for _, m := range generators.Corruptions() {
			if n := testing.AllocsPerRun(50, func() { m.MutateAt(dst, src, 0.9, 3) }); n != 0 {
				t.Errorf("%s on %s: expected no allocation, found %g a mutant", m, domain, n)
			}
		}
	}
}
