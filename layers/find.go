package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Find ranks the nodes, and finds the smallest list of nodes to put back to float that heals the wanted
// share of the triggers. It depends on nothing but its arguments.
//
// Running out of evaluations is a status. Cancellation is an error, beside a result with what was found
// until then. It is an error too when no trigger deviates in the compressed model.
//
// First it ranks each node by itself: how many triggers heal when it alone is in float, and how many
// still deviate when it alone is quantised. The second number finds what the first cannot: the activation
// between two nodes stays quantised as long as one of them is, so that neither heals anything alone.
//
// Then it minimises the list of all nodes by delta debugging: the algorithm ddmin of A. Zeller and
// R. Hildebrandt, Simplifying and Isolating Failure-Inducing Input, IEEE Transactions on Software
// Engineering 28(2), 2002, section 3. Its result is 1-minimal: without any one of its nodes fewer triggers
// heal than asked for. It need not be the shortest list there is, unless it is of one node.
func Find(ctx context.Context, p Problem, s Settings) (*Result, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := s.complete(); err != nil {
		return nil, err
	}
	f := &finder{problem: p, settings: s, open: p.Open, openWeights: p.OpenWeights, cache: map[string][]bool{}, result: &Result{Oracle: s.Oracle.String(), Triggers: len(p.Triggers)}}
	f.original = &remembering{predictor: p.Original, answers: map[string]answer.Answer{}}
	err := f.find(ctx)
	f.result.Evaluations = f.tried
	switch {
	case err == nil:
		return f.result, nil
	case ctx.Err() != nil:
		f.result.Status = Cancelled
		return f.result, fmt.Errorf("layers: cancelled after %d sets of nodes: %w", f.tried, context.Cause(ctx))
	}
	return nil, err
}

type finder struct {
	problem  Problem
	settings Settings
	original *remembering
	result   *Result

	open, openWeights Open // under the setting that was chosen

	curable []int             // positions of triggers
	cache   map[string][]bool // by set of nodes: whether each trigger deviates
	tried   int
	best    []int // the shortest list of nodes that heals
}

// errSpent ends the search for a shorter list.
var errSpent = errors.New("evaluations spent")

func (f *finder) find(ctx context.Context) error {
	r, all := f.result, positions(len(f.problem.Nodes))
	given, err := f.deviates(ctx, nil)
	if err != nil {
		return err
	}
	if !slices.Contains(given, true) {
		return fmt.Errorf("layers: expected triggers that deviate under the oracle %s, found %d that do not", r.Oracle, r.Triggers)
	}
	quantised, err := f.chooseRuntime(ctx, given)
	if err != nil {
		return err
	}
	for i := range given {
		switch {
		case !given[i]:
			r.Stale = append(r.Stale, i)
		case !quantised[i]:
			r.Vanished = append(r.Vanished, i)
		}
	}
	if len(r.Stale)+len(r.Vanished) == len(given) {
		r.Status = OfRuntime
		return nil
	}
	float, err := f.deviates(ctx, all)
	if err != nil {
		return err
	}
	for i := range given {
		switch {
		case !given[i] || !quantised[i]:
		case float[i]:
			r.Incurable = append(r.Incurable, i)
		default:
			f.curable = append(f.curable, i)
		}
	}
	if r.Curable = len(f.curable); r.Curable == 0 {
		r.Status = Incurable
		return nil
	}
	r.Goal, f.best, r.Status = f.settings.goal(r.Curable), all, Minimal
	err = f.shorten(ctx, all)
	if errors.Is(err, errSpent) {
		r.Status, err = NotMinimal, nil
	}
	r.Exclude = f.names(f.best)
	r.Healed = f.healed(f.cache[fmt.Sprint(f.best)])
	if err != nil {
		return err
	}
	return f.verify(ctx)
}

// chooseRuntime tries the runtimes, and tells which triggers deviate under the one that the search is made under. That
// is the compressed model as given, unless most triggers vanish under another.
func (f *finder) chooseRuntime(ctx context.Context, given []bool) ([]bool, error) {
	r, deviating, chosen, most := f.result, 0, given, 0
	for _, d := range given {
		if d {
			deviating++
		}
	}
	for _, runtime := range f.problem.Runtimes {
		found, err := f.evaluate(ctx, runtime.Open, nil)
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		if err != nil {
			r.Runtimes = append(r.Runtimes, RuntimeTried{Setting: runtime.Setting, Error: err.Error()})
			continue
		}
		vanish := 0
		for i := range given {
			if given[i] && !found[i] {
				vanish++
			}
		}
		r.Runtimes = append(r.Runtimes, RuntimeTried{Setting: runtime.Setting, Vanish: vanish})
		if 2*vanish <= deviating {
			continue
		}
		if runtime.Advice != "" && !slices.Contains(r.Advice, runtime.Advice) {
			r.Advice = append(r.Advice, runtime.Advice)
		}
		if vanish > most {
			most, chosen, r.Setting = vanish, found, runtime.Setting
			f.open, f.openWeights = runtime.Open, runtime.OpenWeights
		}
	}
	clear(f.cache)
	f.cache[fmt.Sprint(positions(0))] = chosen
	return chosen, nil
}

// shorten ranks the nodes and minimises the list.
func (f *finder) shorten(ctx context.Context, all []int) error {
	order, err := f.rank(ctx, all)
	if err != nil {
		return err
	}
	for _, r := range f.result.Ranking {
		if r.Heals >= f.result.Goal {
			f.best = []int{slices.Index(f.problem.Nodes, r.Node)}
			return nil
		}
	}
	// The nodes that look worst may be enough; if not, twice as many.
	for n := 1; n < len(all); n *= 2 {
		healed, err := f.heals(ctx, order[:n])
		if err != nil {
			return err
		}
		if healed {
			order = order[:n]
			break
		}
	}
	_, err = f.minimise(ctx, order)
	return err
}

// rank evaluates each node by itself, and returns the nodes in the order of the ranking.
func (f *finder) rank(ctx context.Context, all []int) ([]int, error) {
	type ranked struct {
		Rank
		node int
	}
	var ranks []ranked
	var failure error
	for _, node := range all {
		if 2*f.tried >= f.settings.Evaluations && len(ranks) > 0 {
			break // the other half is for the list
		}
		heals, err := f.count(ctx, []int{node})
		if err == nil {
			var healed int
			healed, err = f.count(ctx, without(all, node))
			ranks = append(ranks, ranked{Rank{f.problem.Nodes[node], heals, len(f.curable) - healed}, node})
		}
		if err != nil {
			failure = err
			break
		}
	}
	slices.SortStableFunc(ranks, func(a, b ranked) int {
		return b.Heals + b.Causes - a.Heals - a.Causes
	})
	var order []int
	for _, r := range ranks {
		f.result.Ranking, order = append(f.result.Ranking, r.Rank), append(order, r.node)
	}
	if failure != nil {
		return nil, failure
	}
	for _, node := range all {
		if !slices.Contains(order, node) {
			order = append(order, node) // not ranked
		}
	}
	return order, nil
}

// minimise is ddmin: the list heals; so does what it returns, and nothing shorter by one node.
func (f *finder) minimise(ctx context.Context, list []int) ([]int, error) {
	for n := 2; len(list) > 1; {
		parts := split(list, n)
		next, granularity := list, min(len(list), 2*n)
		for _, part := range parts {
			healed, err := f.heals(ctx, part)
			if err != nil {
				return list, err
			}
			if healed {
				next, granularity = part, 2
				break
			}
		}
		if len(next) == len(list) && n > 2 { // with two parts, the complements are the parts
			for i := range parts {
				rest := slices.Concat(slices.Concat(parts[:i]...), slices.Concat(parts[i+1:]...))
				healed, err := f.heals(ctx, rest)
				if err != nil {
					return list, err
				}
				if healed {
					next, granularity = rest, max(n-1, 2)
					break
				}
			}
		}
		if len(next) == len(list) && n >= len(list) {
			break
		}
		list, n = next, min(granularity, len(next))
	}
	return list, nil
}

// split cuts a list into n parts of nearly the same length.
func split(list []int, n int) [][]int {
	parts := make([][]int, 0, n)
	for i := range n {
		parts = append(parts, list[i*len(list)/n:(i+1)*len(list)/n])
	}
	return parts
}

// verify evaluates the list anew, and asks whether the weights are to blame.
func (f *finder) verify(ctx context.Context) error {
	r := f.result
	deviates, err := f.again(ctx, f.open)
	if err != nil {
		return err
	}
	for _, i := range f.curable {
		if deviates[i] {
			r.StillDeviating = append(r.StillDeviating, i)
		}
	}
	r.Healed = len(f.curable) - len(r.StillDeviating)
	if r.Verified = r.Healed >= r.Goal; !r.Verified {
		return fmt.Errorf("layers: expected the list %s to heal %d triggers again, found %d: the models do not repeat their answers",
			strings.Join(r.Exclude, ", "), r.Goal, r.Healed)
	}
	if f.openWeights == nil {
		return nil
	}
	deviates, err = f.again(ctx, f.openWeights)
	if err != nil {
		return err
	}
	if r.Cause = Activations; f.healed(deviates) >= r.Goal {
		r.Cause = Weights
	}
	return nil
}

// heals reports whether a list reaches the goal, and remembers the shortest that does.
func (f *finder) heals(ctx context.Context, list []int) (bool, error) {
	n, err := f.count(ctx, list)
	healed := err == nil && n >= f.result.Goal
	if healed && len(list) < len(f.best) {
		f.best = slices.Sorted(slices.Values(list))
	}
	return healed, err
}

// count is how many curable triggers a list heals.
func (f *finder) count(ctx context.Context, list []int) (int, error) {
	deviates, err := f.deviates(ctx, list)
	return f.healed(deviates), err
}

func (f *finder) healed(deviates []bool) int {
	n := 0
	for _, i := range f.curable {
		if deviates != nil && !deviates[i] {
			n++
		}
	}
	return n
}

// deviates tells which triggers deviate with the listed nodes in float, from memory if it was asked
// before.
func (f *finder) deviates(ctx context.Context, list []int) ([]bool, error) {
	list = slices.Sorted(slices.Values(list))
	key := fmt.Sprint(list)
	if known, ok := f.cache[key]; ok {
		return known, nil
	}
	// The last two are for the verification and the cause.
	if f.tried >= f.settings.Evaluations-2 {
		return nil, errSpent
	}
	found, err := f.evaluate(ctx, f.open, list)
	if err == nil {
		f.cache[key] = found
		f.book()
	}
	return found, err
}

// again evaluates the shortest list once more.
func (f *finder) again(ctx context.Context, open Open) ([]bool, error) {
	found, err := f.evaluate(ctx, open, f.best)
	if err == nil {
		f.book()
	}
	return found, err
}

// book counts a set of nodes that was tried.
func (f *finder) book() {
	f.tried++
	if f.settings.OnEvaluation != nil {
		f.settings.OnEvaluation(f.tried)
	}
}

// evaluate runs the triggers, each alone.
func (f *finder) evaluate(ctx context.Context, open Open, list []int) (deviates []bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	names := f.names(list)
	what := fmt.Sprintf("%d of %d nodes in float", len(names), len(f.problem.Nodes))
	m, err := open(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("layers: %s: %w", what, err)
	}
	if m == nil {
		return nil, fmt.Errorf("layers: %s: expected a predictor, found nil", what)
	}
	if c, ok := m.(io.Closer); ok {
		defer func() { err = errors.Join(err, c.Close()) }()
	}
	pair, err := model.NewPair("layers", f.original, m)
	if err != nil {
		return nil, err
	}
	evaluations, err := engine.Replay(ctx, pair, f.problem.Triggers, f.settings.Oracle)
	if err != nil {
		return nil, fmt.Errorf("layers: %s: %w", what, err)
	}
	for _, e := range evaluations {
		deviates = append(deviates, e.Verdict.Deviates)
	}
	return deviates, nil
}

func (f *finder) names(list []int) []string {
	names := make([]string, 0, len(list))
	for _, i := range slices.Sorted(slices.Values(list)) {
		names = append(names, f.problem.Nodes[i])
	}
	return names
}

func positions(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func without(list []int, node int) []int {
	return slices.DeleteFunc(slices.Clone(list), func(i int) bool { return i == node })
}

// remembering runs the original once an input.
type remembering struct {
	predictor model.Predictor
	answers   map[string]answer.Answer
}

// Answer implements [model.Answerer].
func (r *remembering) Answer(ctx context.Context, batch []input.Input, _ []answer.Answer) ([]answer.Answer, error) {
	answers := make([]answer.Answer, 0, len(batch))
	for _, in := range batch {
		id := in.ID()
		if _, known := r.answers[id]; !known {
			given, err := model.Ask(ctx, r.predictor, []input.Input{in}, nil)
			if err != nil {
				return nil, err
			}
			r.answers[id] = given[0].Clone()
		}
		answers = append(answers, r.answers[id].Clone())
	}
	return answers, nil
}

// Predict implements [model.Predictor].
func (r *remembering) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	answers, err := r.Answer(ctx, batch, nil)
	if err != nil {
		return nil, err
	}
	return model.PlainRows(answers)
}

func (r *remembering) Describe() model.Description {
	if d, ok := r.predictor.(model.Describer); ok {
		return d.Describe()
	}
	return model.Description{}
}

func (r *remembering) CheckInput(in input.Input) error {
	if c, ok := r.predictor.(model.InputChecker); ok {
		return c.CheckInput(in)
	}
	return nil
}
