package layers

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Open opens the compressed model with the named nodes in float, and all others quantised. A predictor
// that is an [io.Closer] is closed after use.
type Open func(ctx context.Context, nodes []string) (model.Predictor, error)

// Problem is what is to be explained.
//
// # Other settings of the runtime
//
// Before [Find] looks for nodes it tries Runtimes: other settings of what runs the model, such as graph optimisation off.
// Where most triggers vanish under one, the 8-bit kernels of the runtime make them (their sums saturate on x86 processors
// without VNNI), and the search is about those that are left, under that setting. onnx.Int8Settings lists the settings
// for ONNX Runtime:
//
//	for _, s := range onnx.Int8Settings() {
//		problem.Runtimes = append(problem.Runtimes, layers.Runtime{Setting: s.Name, Advice: s.Advice, Open: open(s.Option)})
//	}
type Problem struct {
	// Original is the original model.
	Original model.Predictor
	// Nodes are the names of the quantised nodes, each once.
	Nodes []string
	// Open opens the compressed model with some of them in float.
	Open Open
	// OpenWeights opens it with float weights alone, activations quantised where they are; nil if there
	// is no such thing. It tells whether weights or activations are to blame.
	OpenWeights Open
	// Runtimes are other settings of what runs the compressed model. Find tries them first, and looks for nodes under the
	// one under which most triggers vanish with every node quantised, if there is such a one: what vanishes there is made by
	// the runtime, not by the quantisation of nodes. For ONNX models onnx.Int8Settings lists them.
	Runtimes []Runtime
	// Triggers are inputs on which the compressed model deviates.
	Triggers []input.Input
}

// Runtime is another setting of what runs the compressed model.
type Runtime struct {
	// Setting names it, such as "optimisation none": each of its own.
	Setting string
	// Advice says what it means that triggers vanish under it, and what helps: whole sentences, or "".
	Advice string
	// Open and OpenWeights are those of [Problem], under this setting. OpenWeights may be nil.
	Open, OpenWeights Open
}

// Settings say what is wanted, and what it may cost.
type Settings struct {
	// Oracle judges what deviates; nil means [answer.Top1].
	Oracle answer.Oracle
	// Share is the least share of the curable triggers (see [Result]) that the list heals, above 0 and
	// at most 1; 0 means 1.
	Share float64
	// Evaluations bounds how many sets of nodes are tried, each on all triggers: at least 4; 0 means 500. Trying a
	// [Runtime] does not count.
	Evaluations int
	// OnEvaluation is told after each set how many were tried; nil for nobody.
	OnEvaluation func(tried int)
}

const (
	defaultEvaluations = 500
	// leastEvaluations are those of no node, of all, and for the verification and the cause.
	leastEvaluations = 4
)

func (p *Problem) check() error {
	switch {
	case p.Original == nil:
		return errors.New("layers: expected the original model, found nil")
	case p.Open == nil:
		return errors.New("layers: expected a function that opens the compressed model, found nil")
	case len(p.Nodes) == 0:
		return errors.New("layers: expected at least one quantised node, found none")
	case len(p.Triggers) == 0:
		return errors.New("layers: expected at least one trigger, found none")
	}
	seen := map[string]bool{}
	for _, name := range p.Nodes {
		if name == "" || seen[name] {
			return fmt.Errorf("layers: expected nodes of different names, found %q twice or empty", name)
		}
		seen[name] = true
	}
	clear(seen)
	for _, r := range p.Runtimes {
		if r.Setting == "" || seen[r.Setting] || r.Open == nil {
			return fmt.Errorf("layers: expected runtimes of different settings, each with a function that opens the compressed model, found %q twice, empty, or without it", r.Setting)
		}
		seen[r.Setting] = true
	}
	return nil
}

func (s *Settings) complete() error {
	if s.Oracle == nil {
		s.Oracle = answer.Top1()
	}
	if s.Share == 0 {
		s.Share = 1
	}
	if !(s.Share > 0 && s.Share <= 1) {
		return fmt.Errorf("layers: share: expected a number above 0 and at most 1, found %g", s.Share)
	}
	if s.Evaluations == 0 {
		s.Evaluations = defaultEvaluations
	}
	if s.Evaluations < leastEvaluations {
		return fmt.Errorf("layers: evaluations: expected at least %d, found %d", leastEvaluations, s.Evaluations)
	}
	return nil
}

// goal is how many of n triggers the share comes to.
func (s *Settings) goal(n int) int {
	// A share such as 0.9 is not exact in binary: 0.9 of 10 is 9, not a little more.
	return max(1, int(math.Ceil(s.Share*float64(n)-1e-9)))
}
