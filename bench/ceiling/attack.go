package main

import (
	"errors"
	"math"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// attack is the reference: it finds out what exists, at any price. Many walkers start at the seed and at random places of the bound, and go
// down by signs of gradients (projected gradient descent, Madry et al., "Towards deep learning models resistant to adversarial
// attacks", ICLR 2018) with steps that shrink to a level: for every other label, with the gradients of the original, of the compressed model and of
// both; for what asks the original to be sure, with weights between its log-probability and the compressed model's margin. From where
// both models give other labels than at the seed, values are switched back in random orders, with bisection.
//
// It shares no code with the search that it is the measure of. What it finds is confirmed by the engine as everything is.
type attack struct{}

const (
	walkSteps  = 30 // of a walk
	walkers    = 18 // at once
	switchings = 12 // orders tried from one place beyond the boundary
)

func (attack) String() string { return "reference attack by gradients" }

// NewSearcher implements [engine.Strategy].
func (attack) NewSearcher(task engine.Task) (engine.Searcher, error) {
	if !task.Gradients.Original || !task.Gradients.Compressed {
		return nil, errors.New("reference: expected gradients of both models")
	}
	low, high, err := distance.EndsOf(task.Region, task.Seed.Input)
	if err != nil || low == nil {
		return nil, errors.Join(err, errors.New("reference: expected a bound that is a box"))
	}
	a := &attacker{task: task, low: low, high: high, label: answer.Label(task.Seed.Original.Scores), severe: answer.BeyondLabels(task.Oracle) != nil}
	for i := range walkers {
		a.walkers = append(a.walkers, &walker{a: a, at: task.Seed.Input.Clone(), far: task.Seed.Input.Clone(), x: make([]float64, len(low)), number: i})
		a.walkers[i].start()
	}
	return a, nil
}

type attacker struct {
	task      engine.Task
	low, high []float32
	label     int
	severe    bool
	started   int
	walkers   []*walker
	asked     []*walker
	asking    []*walker // for gradients
}

// walker is one walk after the other.
type walker struct {
	a      *attacker
	number int
	rng    *rand.Rand

	rival  int
	weight [2]float64 // of the gradients of both models
	x      []float64
	at     input.Input
	fresh  bool // at was not evaluated yet
	step   int

	far       input.Input
	order     []int
	switching bool
	near, end int
	orders    int
}

func (w *walker) start() {
	a := w.a
	w.rng = a.task.Rand
	classes := len(a.task.Seed.Original.Scores)
	n := a.started
	a.started++
	w.rival = n % (classes - 1)
	if w.rival >= a.label {
		w.rival++
	}
	round := n / (classes - 1)
	w.weight = [...][2]float64{{1, 0}, {1, 0}, {1, 1}, {1, 0}, {0, 1}}[round%5]
	if a.severe { // the original is to stay, the other one to leave
		share := [...]float64{0.5, 0.35, 0.65, 0.2, 0.8}[round%5]
		w.weight = [2]float64{1 - share, share}
	}
	w.step, w.switching = 0, false
	for i := range w.x {
		w.x[i] = float64(a.task.Seed.Input.Data[i])
		if round > 0 {
			w.x[i] = float64(a.low[i]) + w.rng.Float64()*float64(a.high[i]-a.low[i])
		}
	}
	w.round()
	w.fresh = round > 0
}

func (w *walker) round() {
	for i, v := range w.x {
		w.at.Data[i] = w.at.DomainAt(i).Snap(float32(v))
	}
	w.a.task.Region.Project(w.at)
}

// weights are those of the log scores of a model; the walk goes against the gradient.
func (w *walker) weights(side int) []float32 {
	row := make([]float32, len(w.a.task.Seed.Original.Scores))
	if w.a.severe && side == 0 {
		row[w.a.label] = -float32(w.weight[0])
		return row
	}
	row[w.a.label], row[w.rival] = float32(w.weight[side]), -float32(w.weight[side])
	return row
}

// AskGradients implements [engine.GradientSearcher].
func (a *attacker) AskGradients() []engine.GradientRequest {
	var requests []engine.GradientRequest
	a.asking = a.asking[:0]
	for _, w := range a.walkers {
		if w.switching || w.fresh {
			continue
		}
		a.asking = append(a.asking, w)
		for side := range 2 {
			if w.weight[side] != 0 {
				requests = append(requests, engine.GradientRequest{Input: w.at, Compressed: side == 1, Weights: w.weights(side)})
			}
		}
	}
	return requests
}

// TellGradients implements [engine.GradientSearcher].
func (a *attacker) TellGradients(gradients [][]float32) {
	for _, w := range a.asking {
		var rows [][]float32
		for side := range 2 {
			if w.weight[side] != 0 {
				rows, gradients = append(rows, gradients[0]), gradients[1:]
			}
		}
		w.walk(rows)
	}
}

// walk takes a step, which shrinks along a cosine.
func (w *walker) walk(rows [][]float32) {
	share := 0.02 + 0.48*(1+math.Cos(math.Pi*float64(w.step)/walkSteps))
	w.step++
	for i := range w.x {
		low, high := float64(w.a.low[i]), float64(w.a.high[i])
		slope := 0.0
		for _, row := range rows {
			slope += float64(row[i])
		}
		by := share * (high - low) / 2
		switch {
		case slope > 0:
			w.x[i] = max(w.x[i]-by, low)
		case slope < 0:
			w.x[i] = min(w.x[i]+by, high)
		}
	}
	w.round()
	w.fresh = true
}

// Ask implements [engine.Searcher].
func (a *attacker) Ask(limit int) []input.Input {
	var inputs []input.Input
	a.asked = a.asked[:0]
	for _, w := range a.walkers {
		if len(inputs) == limit {
			break
		}
		if w.switching {
			w.switched()
		}
		a.asked, inputs = append(a.asked, w), append(inputs, w.at)
	}
	return inputs
}

// Tell implements [engine.Searcher].
func (a *attacker) Tell(evaluations []engine.Evaluation) {
	for i, w := range a.asked {
		w.tell(&evaluations[i])
	}
}

func (w *walker) tell(e *engine.Evaluation) {
	if e.Verdict.Kind != answer.OtherAnswer {
		w.start()
		return
	}
	original, compressed := answer.Label(e.Original.Scores), answer.Label(e.Compressed.Scores)
	beyond := original != w.a.label && compressed != w.a.label
	if w.switching {
		if beyond {
			w.end = (w.near + w.end) / 2
		} else {
			w.near = (w.near + w.end) / 2
		}
		if w.end-w.near <= 1 {
			if w.orders == switchings {
				w.start()
				return
			}
			w.shuffle()
		}
		return
	}
	w.fresh = false
	switch {
	case beyond && !w.a.severe:
		copy(w.far.Data, w.at.Data)
		w.order = w.order[:0]
		for i, v := range w.far.Data {
			if v != w.a.task.Seed.Input.Data[i] {
				w.order = append(w.order, i)
			}
		}
		w.orders, w.switching = 0, true
		w.shuffle()
	case w.step >= walkSteps:
		w.start()
	}
}

// shuffle begins another order of values.
func (w *walker) shuffle() {
	w.rng.Shuffle(len(w.order), func(i, j int) { w.order[i], w.order[j] = w.order[j], w.order[i] })
	w.near, w.end = 0, len(w.order)
	w.orders++
}

// switched writes the middle between the seed's side and the far side.
func (w *walker) switched() {
	copy(w.at.Data, w.a.task.Seed.Input.Data)
	for _, i := range w.order[:(w.near+w.end)/2] {
		w.at.Data[i] = w.far.Data[i]
	}
}
