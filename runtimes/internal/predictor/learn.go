package predictor

import (
	"context"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// enough is how many real inputs decide for good what the scores of a model are.
const enough = 16

// Prepare lets the model see the first inputs of a search before it is asked anything else: on them, and on what its graph
// says, it decides what its scores are (see [Scores]), and whether it takes batches. A doubt is an error that names the option
// to give. The other model of the pair, when it is a [Model], has to be read on the same scale.
//
// Inputs that the model cannot be run on are passed over: whoever asks for them later is told.
//
// A model opened for gradients finds out here whether it has some for such inputs.
func (m *Model) Prepare(ctx context.Context, first []input.Input, other model.Predictor) error {
	if err := m.prepare(ctx, first, other); err != nil {
		return err
	}
	m.prepareSlopes(first)
	return nil
}

func (m *Model) prepare(ctx context.Context, first []input.Input, other model.Predictor) error {
	if err := m.meet(first, other); err != nil {
		return err
	}
	r := m.reading.Load()
	if !r.ready() || r.asked < min(enough, len(first)) {
		l, ok := m.lanes.acquire(ctx)
		if !ok {
			return m.errorf("%w", ErrClosed)
		}
		defer m.lanes.release(l)
		var err error
		if r, err = m.learnFrom(ctx, l, first, true); err != nil {
			return err
		}
	}
	o, ok := asModel(other)
	if !ok || o == m {
		return nil
	}
	theirs := o.reading.Load()
	if theirs.asked == 0 {
		return nil // it is asked next
	}
	if err := r.scoring.agrees(&theirs.scoring, r.trial.with(r.seen), "this model", o.path); err != nil {
		return m.errorf("%w", err)
	}
	if err := theirs.scoring.agrees(&r.scoring, theirs.trial.with(theirs.seen), "this model", m.path); err != nil {
		return o.errorf("%w", err)
	}
	return nil
}

// meet remembers the other model of the pair, which may take parts that this one does not, and tells of inputs that cannot be fed
// to the model.
func (m *Model) meet(first []input.Input, other model.Predictor) error {
	if other != nil {
		m.partner.Store(&partner{other})
	}
	var refused error
	fits := 0
	for _, in := range first {
		var s *set
		one, err := m.form(in)
		if err == nil {
			s, err = m.set(one)
		}
		switch {
		case err == nil:
			fits++
		case refused == nil:
			refused = err
		}
		if s == nil || err != nil || other == nil {
			continue
		}
		if err := m.checkUnused(in, s, true); err != nil {
			return m.errorf("%w", err)
		}
	}
	if fits == 0 && refused != nil {
		return m.errorf("%w", refused)
	}
	return nil
}

// learn is what a first prediction does when nobody has prepared the model.
func (m *Model) learn(ctx context.Context, l *lane, batch []input.Input) (*reading, error) {
	return m.learnFrom(ctx, l, batch, false)
}

// learnFrom finds out what inputs tell of how the model's answers are read. A lenient one passes over inputs that the model
// cannot be run on.
func (m *Model) learnFrom(ctx context.Context, l *lane, inputs []input.Input, lenient bool) (*reading, error) {
	m.learning.Lock()
	defer m.learning.Unlock()
	old := m.reading.Load()
	if old.ready() && old.asked >= min(enough, len(inputs)) {
		return old, nil // somebody else has learned it meanwhile
	}
	r := *old
	r.seen, r.asked = evidence{}, 0
	for i := 0; i < len(inputs) && r.asked < enough; i++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if m.takes(inputs[i]) != nil {
			continue
		}
		err := m.see(l, &r, inputs[i:i+1])
		switch {
		case err == nil:
			r.asked++
		case !lenient:
			return nil, m.errorf("run: %w", err)
		}
	}
	if r.asked == 0 {
		return old, nil
	}
	if len(inputs) > 0 && r.ports == nil {
		if first, err := m.form(inputs[0]); err == nil {
			if s, err := m.set(first); s != nil && err == nil {
				r.ports = s.ports
			}
		}
	}
	if err := m.decide(&r); err != nil {
		return nil, m.errorf("%w", err)
	}
	m.reading.Store(&r)
	return &r, nil
}

// see runs the model on one real input.
func (m *Model) see(l *lane, r *reading, one []input.Input) error {
	if !r.tried {
		next := *r
		if err := m.try(l, &next, m.trialInputs(&one[0])); err != nil {
			return err
		}
		*r = next
	}
	if err := l.run(m, one); err != nil {
		return CleanError(err)
	}
	if m.raw == nil {
		r.seen.add(m.readRow(l, r, 0))
	}
	return nil
}

// decide decides what the scores are, as far as is known, and describes it.
func (m *Model) decide(r *reading) error {
	if m.raw != nil {
		r.scoring.kind, r.scoring.why, r.scoring.firm = Raw, "as @Scores says", true
		m.redescribe(r)
		return nil
	}
	said := m.claim
	if r.ports != nil && !slices.ContainsFunc(r.ports, func(p *port) bool { return !p.fixed && p.imageInput.Name != m.input.Name }) {
		said = m.besides
	}
	r.scoring.kind, r.scoring.why = "", said.ending()
	if m.output.known {
		r.scoring.numbers, r.scoring.binary = m.output.numbers, m.output.numbers == 1
		d := decision{
			claim: said, told: m.config.scores, numbers: r.scoring.numbers,
			half: m.half || m.output.Element == Float16, trial: r.trial, seen: r.seen, question: r.asked == 0, outputs: m.outputs,
		}
		if m.output.quant != nil {
			d.step = m.output.quant.Scale
		}
		if m.output.labelled != nil {
			r.scoring.kind, r.scoring.why, r.scoring.firm = Probabilities, "labels, each as 1 for its class and 0 for all others", true
		} else if err := d.decide(&r.scoring); err != nil {
			return err
		}
		if err := m.order(&r.scoring); err != nil {
			return err
		}
	}
	m.redescribe(r)
	return nil
}
