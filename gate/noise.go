package gate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Noise is how much each model of a pair differs from itself when only the runtime's settings change.
type Noise struct {
	Inputs   int            `json:"inputs"`
	Settings []NoiseSetting `json:"settings"`
	Triggers []TriggerCause `json:"triggers,omitempty"`
	// Unjudged counts triggers whose inputs the report did not keep (see engine.Settings, KeepInputs).
	Unjudged int `json:"unjudged,omitempty"`
}

// NoiseSetting compares one model under a setting with the same model as the pair runs it.
type NoiseSetting struct {
	Model         string  `json:"model"`   // "original" or "compressed"
	Setting       string  `json:"setting"` // such as "2 threads", "batch 32", "optimisation none"
	Labels        int     `json:"labels"`  // inputs whose label changed, by more than a tie, or that have one no longer or now: NaN or infinity
	Scores        int     `json:"scores"`  // inputs whose scores changed at all
	LargestChange float64 `json:"largest_change"`
}

// Cause is where a trigger comes from.
type Cause string

// The causes.
const (
	FromCompression Cause = "compression"     // it deviates under every setting that was tried
	FromSetting     Cause = "runtime setting" // it vanishes under some of them
	FromInstability Cause = "unstable"        // it does not even repeat under the same ones
)

// TriggerCause labels one trigger.
type TriggerCause struct {
	ID    string `json:"id"`
	Cause Cause  `json:"cause"`
	// Settings are those under which it vanishes.
	Settings []string `json:"settings,omitempty"`
}

// sameAgain is the setting of a model that runs once more as before.
const sameAgain = "the same again"

const (
	noiseInputs  = 100 // the most inputs, unless told otherwise
	noiseBatch   = 32
	noiseRepeats = 3 // of a trigger under the same settings
)

// NoiseStudy is what [MeasureNoise] measures.
type NoiseStudy struct {
	Pair *model.Pair
	// Variants are the pair under other settings of its runtime. For ONNX models onnx.OpenVariants makes
	// them. There may be none: then the pair is compared with itself, once more and in batches.
	Variants model.Variants
	// Seeds are the inputs on which each model is compared with itself.
	Seeds input.Seeds
	// Most is how many of them, evenly spaced; 0 means 100.
	Most int
	// Triggers are labelled with their causes.
	Triggers []*engine.Trigger
	// Oracle judges the triggers; nil means [answer.Top1].
	Oracle answer.Oracle
	// Batch is the size of batches; 0 means 32.
	Batch int
}

// MeasureNoise compares each model of a pair with itself, input by input, under every variant's settings, in batches
// and once more as it is; the measure is what the model answers to each input alone under the pair's own settings. Then
// it runs every trigger under the same settings: one that does not deviate each of three times is
// unstable; one that vanishes under another setting comes from that; the others come from the compression.
//
// Inputs that the models cannot take are left out. Models that take one input at a time are not run in batches.
// With cancellation, an error, there is no result: a trigger that was not run under all settings has no cause yet.
func MeasureNoise(ctx context.Context, s NoiseStudy) (*Noise, error) {
	n, err := s.measure(ctx)
	if err != nil {
		return nil, fmt.Errorf("gate: noise floor: %w", err)
	}
	return n, nil
}

// condition is a way to run the pair.
type condition struct {
	setting string
	pair    *model.Pair
	batch   int
	models  [2]bool // which of the two the setting concerns
}

var roles = [2]string{"original", "compressed"}

func (s NoiseStudy) measure(ctx context.Context) (*Noise, error) {
	if s.Pair == nil {
		return nil, errors.New("pair is nil")
	}
	if s.Seeds == nil || s.Seeds.Len() == 0 {
		return nil, fmt.Errorf("%w: expected at least one", input.ErrNoSeeds)
	}
	if s.Most < 0 || s.Batch < 0 {
		return nil, fmt.Errorf("expected 0 (the default) or more for Most and Batch, found %d and %d", s.Most, s.Batch)
	}
	for i, v := range s.Variants {
		if v.Pair == nil || v.Setting == "" || v.Batch < 0 {
			return nil, fmt.Errorf("variant %d: expected a setting, a pair and a batch of 0 or more, found %q, %v and %d", i+1, v.Setting, v.Pair, v.Batch)
		}
	}
	inputs, err := s.inputs()
	if err != nil {
		return nil, err
	}
	var triggers []input.Input
	n := &Noise{Inputs: len(inputs)}
	for i, t := range s.Triggers {
		if t == nil {
			return nil, fmt.Errorf("trigger %d is nil", i+1)
		}
		if t.Abridged() {
			n.Unjudged++
			continue
		}
		triggers = append(triggers, t.Input)
		n.Triggers = append(n.Triggers, TriggerCause{ID: t.ID, Cause: FromCompression})
	}
	own, err := engine.Replay(ctx, s.Pair, inputs, s.Oracle)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(triggers, inputs) // the triggers first, so that in batches they meet other inputs
	for _, c := range s.conditions() {
		evaluations, err := c.run(ctx, all, s.Oracle)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.setting, err)
		}
		for i := range triggers {
			n.Triggers[i].judge(c.setting, evaluations[i].Verdict.Deviates)
		}
		for model := range roles {
			if c.models[model] {
				compared, err := compareSetting(model, c.setting, own, evaluations[len(triggers):])
				if err != nil {
					return nil, fmt.Errorf("%s: %w", c.setting, err)
				}
				n.Settings = append(n.Settings, compared)
			}
		}
	}
	for range noiseRepeats - 1 {
		evaluations, err := engine.Replay(ctx, s.Pair, triggers, s.Oracle)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", sameAgain, err)
		}
		for i := range triggers {
			n.Triggers[i].judge(sameAgain, evaluations[i].Verdict.Deviates)
		}
	}
	return n, nil
}

// judge books whether the trigger deviates under a setting.
func (t *TriggerCause) judge(setting string, deviates bool) {
	switch {
	case deviates || t.Cause == FromInstability:
	case setting == sameAgain:
		t.Cause, t.Settings = FromInstability, nil
	default:
		t.Cause = FromSetting
		t.Settings = append(t.Settings, setting)
	}
}

// conditions are the ways to run the pair, beginning with the same as before.
func (s NoiseStudy) conditions() []condition {
	both := [2]bool{true, true}
	list := []condition{{sameAgain, s.Pair, 1, both}}
	batch := s.Batch
	if batch == 0 {
		batch = noiseBatch
	}
	o, c := s.Pair.Describe()
	models := [2]bool{o.MaxBatch != 1, c.MaxBatch != 1}
	if most := max(o.MaxBatch, c.MaxBatch); o.MaxBatch != 0 && c.MaxBatch != 0 {
		batch = min(batch, most)
	}
	if batch > 1 && (models[0] || models[1]) {
		list = append(list, condition{fmt.Sprintf("batch %d", batch), s.Pair, batch, models})
	}
	for _, v := range s.Variants {
		list = append(list, condition{v.Setting, v.Pair, max(v.Batch, 1), both})
	}
	return list
}

func (c condition) run(ctx context.Context, inputs []input.Input, oracle answer.Oracle) ([]engine.Evaluation, error) {
	if c.batch == 1 {
		return engine.Replay(ctx, c.pair, inputs, oracle)
	}
	return engine.ReplayTogether(ctx, c.pair, inputs, oracle, c.batch)
}

// inputs are the seeds that both models take, evenly spaced among all.
func (s NoiseStudy) inputs() ([]input.Input, error) {
	total := s.Seeds.Len()
	most := s.Most
	if most == 0 {
		most = noiseInputs
	}
	most = min(most, total)
	var inputs []input.Input
	var first error
	for i := range most {
		seed, err := s.Seeds.Seed(i * total / most)
		if err == nil {
			err = s.accepts(seed.Input)
		}
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		inputs = append(inputs, seed.Input)
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("%w: all %d were left out, the first because: %w", engine.ErrNoUsableSeeds, most, first)
	}
	return inputs, nil
}

func (s NoiseStudy) accepts(in input.Input) error {
	if err := in.Validate(); err != nil {
		return err
	}
	for _, p := range []model.Predictor{s.Pair.Original(), s.Pair.Compressed()} {
		if c, ok := p.(model.InputChecker); ok {
			if err := c.CheckInput(in); err != nil {
				return err
			}
		}
	}
	return nil
}

// compareSetting counts what changed in the answers of one model.
func compareSetting(model int, setting string, before, after []engine.Evaluation) (NoiseSetting, error) {
	n := NoiseSetting{Model: roles[model], Setting: setting}
	for i := range before {
		b, a := before[i].Original, after[i].Original
		if model == 1 {
			b, a = before[i].Compressed, after[i].Compressed
		}
		if len(a.Scores) != len(b.Scores) && b.Outputs == nil {
			return n, fmt.Errorf("%w: expected the %s model to give %d scores as it does in the pair, found %d", engine.ErrClassCount, roles[model], len(b.Scores), len(a.Scores))
		}
		before, after := answer.Finite(b.Scores), answer.Finite(a.Scores)
		if a.Same(b) || !before && !after {
			continue
		}
		n.Scores++
		if before != after { // another answer, by more than can be said
			n.Labels++
			continue
		}
		if answer.Judge(nil, b, a).Deviates {
			n.Labels++
		}
		for k := range min(len(b.Scores), len(a.Scores)) {
			n.LargestChange = max(n.LargestChange, math.Abs(float64(a.Scores[k])-float64(b.Scores[k])))
		}
	}
	return n, nil
}

// Count is how many of the triggers have the cause.
func (n *Noise) Count(cause Cause) int {
	count := 0
	for _, t := range n.Triggers {
		if t.Cause == cause {
			count++
		}
	}
	return count
}

// CauseOf is the cause of the trigger with the ID, if it was judged.
func (n *Noise) CauseOf(id string) (TriggerCause, bool) {
	for _, t := range n.Triggers {
		if t.ID == id {
			return t, true
		}
	}
	return TriggerCause{}, false
}
