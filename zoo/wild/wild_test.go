package wild

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// opened opens a pair, and skips the test where that cannot be had here.
func opened(t *testing.T, p Pair) *Searched {
	t.Helper()
	if testing.Short() {
		t.Skip("downloads models; not with -short")
	}
	s, err := p.Open(t.Context())
	if errors.Is(err, ErrUnavailable) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// search is a small one.
func search(t *testing.T, s *Searched, more func(*engine.Settings)) (*engine.Report, error) {
	t.Helper()
	settings := engine.Settings{
		Oracle: s.Oracle, Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 40}, RandomSeed: 1, BatchSize: 4, Strict: true,
	}
	more(&settings)
	return engine.Search(t.Context(), s.Pair, generators.First(s.Seeds, 3), settings)
}

// TestTrueVerdicts: a small search finds each quantised version wrong, and what it finds holds when both models are asked again, alone;
// the original against itself is an error, and no trigger.
func TestTrueVerdicts(t *testing.T) {
	for _, p := range append(Pairs(), EfficientNetInt8) {
		t.Run(p.Name, func(t *testing.T) {
			s := opened(t, p)
			r, err := search(t, s, func(s *engine.Settings) { s.StopAfter = 1 })
			if err != nil {
				t.Fatal(err)
			}
			triggers := r.Triggers()
			if len(triggers) == 0 {
				t.Fatalf("expected a trigger, found none in %d queries", r.Ledger.Queries)
			}
			found := triggers[0]
			t.Logf("%s: %s, after %d queries", found.SeedName, found.Labels.Told().In(r.ClassNames), found.Queries)
			if found.Input.Kind != p.Kind || found.Input.Kind != found.Seed.Kind {
				t.Errorf("expected a trigger of the kind %s, found %s", p.Kind, found.Input.Kind)
			}
			again := answer.Judge(s.Oracle, asked(t, s.Pair.Original(), found.Input), asked(t, s.Pair.Compressed(), found.Input))
			if !again.Deviates || r.Ledger.Unstable > 0 {
				t.Errorf("expected the same again, found %+v, and %d unstable", again, r.Ledger.Unstable)
			}

			original, _, err := p.Files(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			same, err := p.open(t.Context(), original, original)
			if err != nil {
				t.Fatal(err)
			}
			defer same.Close()
			if _, err := search(t, same, func(*engine.Settings) {}); !errors.Is(err, engine.ErrSameModel) {
				t.Errorf("expected that the original is told to be itself, found %v", err)
			}
		})
	}
}

func asked(t *testing.T, p model.Predictor, in input.Input) answer.Answer {
	t.Helper()
	answers, err := model.Ask(t.Context(), p, []input.Input{in}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answers[0].Clone()
}

// TestOriginalsAreRight sees to it that models get what they are used to: with another preprocessing, another rate or another state
// they would say something else about the seeds. The log has the figures of the cards.
func TestOriginalsAreRight(t *testing.T) {
	expected := map[string]struct {
		words string // of an answer to a seed, or the seed's own name
		most  int    // seeds to ask
		least int    // of them that are right
	}{
		"silero-vad": {"speech (at most ", 10, 10},
		"magika":     {"python", 20, 18},
		"text-lines": {"", 10, 9},
		"nudenet":    {"FACE_", 8, 8},
		"faces":      {"face (at most ", 8, 8},

		EfficientNetInt8.Name:    {"", 12, 11},
		EfficientNetDynamic.Name: {"", 12, 11},
		EfficientNetFloat16.Name: {"", 12, 11},
	}
	for _, p := range append(Pairs(), Classifiers()...) {
		t.Run(p.Name, func(t *testing.T) {
			s, want := opened(t, p), expected[p.Name]
			right, total, alike := 0, 0, 0
			for i := range s.Seeds.Len() {
				seed, err := s.Seeds.Seed(i)
				if err != nil {
					t.Fatal(err)
				}
				if p.Name == "magika" && filepath.Ext(seed.Name) != ".py" || total == want.most {
					continue
				}
				total++
				a, b := asked(t, s.Pair.Original(), seed.Input), asked(t, s.Pair.Compressed(), seed.Input)
				said := answer.DeviationOf(s.Oracle, a, b).From.In(input.ClassNamesOf(s.Seeds))
				if p.Name == "nudenet" {
					said += bestClass(a, input.ClassNamesOf(s.Seeds))
				}
				words := want.words
				if p.Task == EfficientNetInt8.Task {
					words = shown(seed.Name, said)
				} else if words == "" {
					words = seed.Name
				}
				if strings.Contains(said, words) && !strings.HasPrefix(said, "no ") {
					right++
				} else {
					t.Logf("%s: %s", seed.Name, said)
				}
				if !answer.Judge(s.Oracle, a, b).Deviates {
					alike++
				}
			}
			t.Logf("of %d seeds, the original is right about %d, and both agree on %d", total, right, alike)
			if right < want.least || total != want.most {
				t.Errorf("expected at least %d of %d answers with %q, found %d of %d", want.least, want.most, want.words, right, total)
			}
		})
	}
}

// bestClass is the class of the box with the highest score.
func bestClass(a answer.Answer, names []string) string {
	values, shape, _ := a.Output("output0")
	best := 4 * shape[1]
	for i := range values[best:] {
		if values[4*shape[1]+i] > values[best] {
			best = 4*shape[1] + i
		}
	}
	return fmt.Sprintf(", %s (%.2f)", names[best/shape[1]-4], values[best])
}

// shown is what is said of a picture where that is one of the classes of what it shows: cats, cups of coffee, motor cycles.
func shown(name, said string) string {
	for picture, classes := range map[string][]string{
		"chelsea": {"class 281", "class 282", "class 283", "class 284", "class 285"}, "coffee": {"class 504", "class 967", "class 968"},
		"motorcycle": {"class 665", "class 670"},
	} {
		if strings.HasPrefix(name, picture) && slices.Contains(classes, said) {
			return said
		}
	}
	return "what " + name + " shows"
}

func TestCardsOfAllPairs(t *testing.T) {
	for _, p := range append(Pairs(), Classifiers()...) {
		card, err := os.ReadFile(filepath.Join("cards", p.Name+".md"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, want := range []string{p.Licence, p.from.requirement, p.Task, p.model} {
			if want == "" || !strings.Contains(strings.ReplaceAll(string(card), "\n", " "), want) {
				t.Errorf("cards/%s.md: expected %q", p.Name, want)
			}
		}
	}
}
