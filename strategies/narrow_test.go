package strategies

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// bent is a model of two labels that is nearly linear, and one that is apart from it by so much.
type bent struct {
	weights []float64
	level   float64
	apart   float64
}

func (b bent) scores(in input.Input, by float64) answer.Answer {
	lead := b.level + by
	for i, v := range in.Data {
		lead -= b.weights[i] * float64(v)
	}
	lead += 0.02 * lead * lead / (1 + math.Abs(lead))
	p := 1 / (1 + math.Exp(-lead))
	return answer.Answer{Scores: []float32{float32(p), float32(1 - p)}}
}

func (b bent) evaluate(in input.Input) engine.Evaluation {
	return engine.Evaluation{Input: in, Original: b.scores(in, 0), Compressed: b.scores(in, -b.apart), Verdict: answer.Verdict{Kind: answer.OtherAnswer}}
}

// A step of one pixel moves the margins by three times the gap here, in the mean.
func TestNarrowWaysHitAGapThatIsFinerThanAPixel(t *testing.T) {
	const runs = 200
	rng := rand.New(rand.NewPCG(8, 9))
	found, queries := 0, 0
	for run := range runs {
		from, to := make([]uint8, 64), make([]uint8, 64)
		b := bent{weights: make([]float64, 64), apart: 1e-3 * (1 + rng.Float64())}
		if run%2 == 0 {
			b.apart = -b.apart
		}
		var low, high float64
		for i := range from {
			from[i], to[i] = uint8(rng.IntN(256)), uint8(rng.IntN(256))
			b.weights[i] = 0.006 * rng.NormFloat64()
			if to[i] < from[i] { // so that the way leads over the boundary
				b.weights[i] = -math.Abs(b.weights[i])
			} else {
				b.weights[i] = math.Abs(b.weights[i])
			}
			low, high = low+b.weights[i]*float64(from[i]), high+b.weights[i]*float64(to[i])
		}
		b.level = low + (high-low)*(0.2+0.6*rng.Float64())
		seed, end := model.Must(input.NewImage(8, 8, 1, from)), model.Must(input.NewImage(1, 8, 8, to))
		at := func(in input.Input) point {
			e := b.evaluate(in)
			p := point{original: answer.Margin(e.Original.Scores, 0), compressed: answer.Margin(e.Compressed.Scores, 0)}
			p.logs.of(&e)
			return p
		}
		w := narrowWay{write: func(dst input.Input, t float64) { input.Blend(dst, seed, end, t) }}
		w.begin(at(seed), 1, leadsOf(at(end).logs[0], 0), nil, input.Input{})
		room := []input.Input{seed.Clone(), seed.Clone()}
		for {
			asked := w.ask(room)
			if len(asked) == 0 {
				break
			}
			queries++
			var evaluations []engine.Evaluation
			var original []answer.Answer
			hit := false
			for _, in := range asked {
				if err := in.Validate(); err != nil {
					t.Fatal(err)
				}
				e := b.evaluate(in)
				evaluations, original = append(evaluations, e), append(original, e.Original)
				hit = hit || e.Original.Label() != e.Compressed.Label()
			}
			if w.both != (len(asked) == 1) {
				t.Fatalf("%d candidates, of both models: %t", len(asked), w.both)
			}
			if !w.both {
				w.tellOriginal(original)
				continue
			}
			if hit {
				found++
				break
			}
			w.tell(evaluations)
		}
	}
	if mean := float64(queries) / runs; found < 190 || mean > 7.5 {
		t.Errorf("found the gap on %d of %d ways, with %.1f queries a way; expected at least 190, with 7.5 at most", found, runs, mean)
	} else {
		t.Logf("found the gap on %d of %d ways, with %.1f queries a way", found, runs, mean)
	}
}

// What the original does not answer ends the way.
func TestNarrowWaysEndWhereNothingIsAnswered(t *testing.T) {
	seed := model.Must(input.NewImage(1, 2, 1, []uint8{0, 0}))
	end := model.Must(input.NewImage(1, 2, 1, []uint8{200, 200}))
	logs := logScores{{-0.1, -2}, {-0.1, -2}}
	w := narrowWay{write: func(dst input.Input, t float64) { input.Blend(dst, seed, end, t) }}
	w.begin(point{logs: logs}, 1, []float64{math.Inf(1), -2}, nil, input.Input{})
	room := []input.Input{seed.Clone(), seed.Clone()}
	if asked := w.ask(room); len(asked) != 2 {
		t.Fatalf("%d candidates, expected two for the original", len(asked))
	}
	w.tellOriginal(make([]answer.Answer, 2))
	if asked := w.ask(room); len(asked) > 0 || w.under {
		t.Errorf("%d candidates after answers that are not finite, expected none", len(asked))
	}
}

func TestCountsGoThroughAllChoices(t *testing.T) {
	var times [3]int
	seen := map[[3]int]bool{times: true}
	for count(times[:]) {
		seen[times] = true
	}
	if len(seen) != 125 || times != [3]int{} {
		t.Errorf("%d choices, the last %v; expected 125 and none over all", len(seen), times)
	}
}
