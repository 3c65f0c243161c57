package generators_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/signal"
	"github.com/triggerfinder/triggerfinder/generators/table"
	"github.com/triggerfinder/triggerfinder/generators/tokens"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// ecg and silent are kinds of one's own: one has operators, the other has none.
const ecg, silent = input.Kind("ecg"), input.Kind("silent")

// drift is an operator of that kind.
type drift struct{}

func (drift) String() string { return "drift" }

func (d drift) Mutate(dst, src input.Input, rng *rand.Rand) { d.MutateAt(dst, src, 1, 0) }

func (drift) MutateAt(dst, src input.Input, severity float64, stream uint64) {
	for i, v := range src.Data {
		dst.Data[i] = src.DomainAt(i).Snap(v + float32(100*severity))
	}
}

func init() {
	if err := generators.Define(ecg, drift{}); err != nil {
		panic(err)
	}
}

func membersOf(t *testing.T, m input.Mutator, in input.Input) (names []string) {
	family, ok := m.(input.MutatorFamily)
	if !ok {
		t.Fatalf("%s is no family", m)
	}
	for _, member := range family.Members(in) {
		names = append(names, member.String())
	}
	return names
}

func namesOf[M input.Mutator](operators []M) (names []string) {
	for _, m := range operators {
		names = append(names, m.String())
	}
	return names
}

// Whatever an input is, the usual operators are those of its kind, and for a set those of each searched part.
func TestUsualOperatorsGoByTheKind(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	ofKind := func(kind input.Kind, shape ...int) input.Input {
		in := randomInput(shape, input.Bytes, rng)
		in.Kind = kind
		return in
	}
	grey, wave, spectrogram := ofKind(input.Image, 6, 6, 1), ofKind(input.Signal, 400), ofKind(input.Signal, 20, 24)
	row := model.Must(input.NewRow([]float32{0.5, 7}, []input.Domain{{Min: 0, Max: 1}, {Min: 0, Max: 9, Step: 1}}))
	text := model.Must(input.NewTokens([]int{4, 5, 6, 0}, input.Vocabulary{Size: 9}))
	set := model.Must(input.Join(input.Searched("sound", wave), input.Searched("facts", row), input.Fixed("picture", grey), input.Searched("more", ofKind(input.Other, 3))))
	on := func(part string, names []string) []string {
		names = slices.Clone(names)
		for i := range names {
			names[i] += " on " + part
		}
		return names
	}
	without := func(names []string, out ...string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(out, n) })
	}
	images, published := namesOf(generators.Corruptions()), namesOf(generators.Published())
	noise, light := published[:4], []string{"gaussian-noise", "shot-noise", "impulse-noise", "brightness", "contrast", "gamma"}
	sounds := without(namesOf(signal.Corruptions()), "frequency-mask")
	rows := without(namesOf(table.Corruptions()), "category-change")
	for name, test := range map[string]struct {
		in                    input.Input
		corruptions, mutators []string
	}{
		"grey image":                          {grey, images, published}, // the one that needs colours is left out by who takes them
		"sound":                               {wave, sounds, sounds},
		"spectrogram":                         {spectrogram, []string{"white-noise", "pink-noise", "time-shift", "time-stretch", "time-mask", "frequency-mask"}, nil},
		"row":                                 {row, rows, rows},
		"text":                                {text, namesOf(tokens.Corruptions()), namesOf(tokens.Corruptions())},
		"text of a set":                       {model.Must(input.Join(input.Searched("ids", text), input.Fixed("mask", text))), namesOf(tokens.Corruptions()), nil},
		"bare tokens":                         {ofKind(input.Tokens, 5), nil, []string{"pixel-change"}}, // no vocabulary to draw from
		"other":                               {ofKind(input.Other, 6), light, noise},
		"kind of one's own":                   {ofKind(ecg, 6), []string{"drift"}, []string{"drift"}},
		"kind of one's own without operators": {ofKind(silent, 6), []string{"gaussian-noise", "impulse-noise"}, noise},
		"set": {set, slices.Concat(on("sound", sounds), on("facts", rows), on("more", light)),
			slices.Concat(on("sound", sounds), on("facts", rows), on("more", noise))},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.in.Validate(); err != nil {
				t.Fatal(err)
			}
			mutators := test.mutators
			if mutators == nil {
				mutators = test.corruptions
			}
			if diff := cmp.Diff(test.corruptions, membersOf(t, generators.Usual(), test.in)); diff != "" {
				t.Errorf("corruptions (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(mutators, membersOf(t, generators.UsualMutators(), test.in)); diff != "" {
				t.Errorf("mutators (-want +got):\n%s", diff)
			}
			// As one operator, for who knows of no families.
			for _, m := range []input.Mutator{generators.Usual(), generators.UsualMutators()} {
				members := m.(input.MutatorFamily).Members(test.in)
				if err := input.Supports(m, test.in); (err == nil) != (len(members) > 0) {
					t.Errorf("%s, of %d members: %v", m, len(members), err)
				}
				dst, changed := test.in.Clone(), 0
				for range 20 {
					m.Mutate(dst, test.in, rng)
					if err := dst.Validate(); err != nil {
						t.Fatal(err)
					}
					if !slices.Equal(dst.Data, test.in.Data) {
						changed++
					}
				}
				if (changed > 0) != (len(members) > 0) {
					t.Errorf("%s, of %d members: %d of 20 mutants differ", m, len(members), changed)
				}
			}
			dst, again := test.in.Clone(), test.in.Clone()
			generators.Usual().MutateAt(dst, test.in, 0.7, 3)
			generators.Usual().MutateAt(again, test.in, 0.7, 3)
			if !slices.Equal(dst.Data, again.Data) {
				t.Error("a stream gives two mutants")
			}
		})
	}
	if err := input.Supports(generators.Usual(), ofKind(input.Tokens, 5)); err == nil || err.Error() !=
		"no operator is usual for tokens [5], 0..255 step 1; expected operators of one's own, or those of its kind by generators.Define" {
		t.Errorf("error %v", err)
	}
}

func TestDefineRefuses(t *testing.T) {
	for says, err := range map[string]error{
		`generators: Define: expected the name of a kind, found "other", which stands for`: generators.Define(input.Other, drift{}),
		`generators: Define: expected image, signal, row, tokens, other or a name of`:      generators.Define("Ecg!", drift{}),
		`generators: Define: kind lidar: expected at least one operator, found none`:       generators.Define("lidar"),
		`generators: Define: kind lidar: operator 1 is nil`:                                generators.Define("lidar", drift{}, nil),
		`generators: Define: kind signal: its operators are defined already`:               generators.Define(input.Signal, drift{}),
		`generators: Define: kind ecg: its operators are defined already`:                  generators.Define(ecg, drift{}),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("error %v; expected one that begins %q", err, says)
		}
	}
}

// A distribution of corrupted seeds draws the operators of their kind, by name too, and says so.
func TestCorruptedByTheKind(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	row := model.Must(input.NewRow([]float32{0.5, 7}, []input.Domain{{Min: 0, Max: 1}, {Min: 0, Max: 9, Step: 1}}))
	wave := randomInput([]int{300}, input.Bytes, rng)
	wave.Kind = input.Signal
	bare := randomInput([]int{5}, input.Bytes, rng)
	bare.Kind = input.Tokens
	of := func(in input.Input) generators.CorruptedSeeds {
		return generators.Corrupted(input.SeedList{{Input: in, Label: input.Unlabelled}})
	}
	for says, test := range map[string]struct {
		d     generators.CorruptedSeeds
		names []string
	}{
		"1 seed x the 3 corruptions of the kind row that fit x severity 0.1..1":     {of(row), namesOf(table.Corruptions())},
		"1 seed x the 12 corruptions of the kind signal that fit x severity 0.1..1": {of(wave), namesOf(signal.Corruptions())},
		"1 seed x white-noise, gain x severity 0.1..1":                              {of(wave).Only("white-noise", "gain"), []string{"white-noise", "gain"}},
		"1 seed x the corruptions of its parts x severity 0.1..1": {of(model.Must(input.Join(input.Searched("facts", row), input.Searched("sound", wave)))),
			[]string{"column-noise on facts", "column-replacement on facts", "column-rounding on facts", "gain on sound"}},
		"1 seed x usual-corruptions x severity 0.1..1": {of(row).By(generators.Usual()), []string{"usual-corruptions"}},
	} {
		if test.d.String() != says {
			t.Errorf("%q; expected %q", test.d, says)
		}
		for range 30 {
			draw, err := test.d.Draw(rng)
			if err != nil {
				t.Fatal(err)
			}
			name, _, _ := strings.Cut(draw.Change, " at severity")
			if !slices.Contains(test.names, name) && !strings.HasSuffix(name, " on sound") {
				t.Errorf("%s: drawn %q", says, draw.Change)
			}
		}
	}
	if _, err := of(bare).Draw(rng); err == nil || !strings.Contains(err.Error(), "no operator is usual for tokens [5]") {
		t.Errorf("error %v", err)
	}
}
