package enginetest

import (
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// CheckOutcome checks what holds for every seed that was searched with these settings.
func CheckOutcome(t interface{ Errorf(string, ...any) }, s engine.Settings, seed input.Input, o engine.Outcome) {
	if b := s.Budget.QueriesPerSeed; b > 0 && o.Queries > b {
		t.Errorf("seed %d: %d queries of %d", o.Index, o.Queries, b)
	}
	if (o.Trigger == nil) != (o.FirstHit == nil) || (o.Trigger != nil) != (o.Status == engine.Triggered) {
		t.Errorf("seed %d: %s with trigger %v and first hit %v", o.Index, o.Status, o.Trigger, o.FirstHit)
	}
	if o.Trigger == nil {
		return
	}
	if err := o.Trigger.Input.Validate(); err != nil {
		t.Errorf("seed %d: %v", o.Index, err)
	}
	if s.Bound != nil && !model.Must(s.Bound.Around(seed)).Contains(o.Trigger.Input) {
		t.Errorf("seed %d: the trigger lies outside of the bound", o.Index)
	}
	const together = 24 // the most candidates that a strategy asks about at once before a first hit, as an approach does; those behind it were asked about already
	if after := o.Queries - o.FirstHit.Queries; after > max(s.Budget.ClosingQueriesPerSeed, together-1) && o.FirstHit.Queries > 0 && s.Budget.ClosingQueriesPerSeed > 0 {
		t.Errorf("seed %d: %d queries after the first hit, of %d", o.Index, after, s.Budget.ClosingQueriesPerSeed)
	}
	first, last := FarBy(s.Aim, o.FirstHit.Distance), FarBy(s.Aim, o.Trigger.Distance)
	if last > first || last == first && o.Trigger.Queries != o.FirstHit.Queries {
		t.Errorf("seed %d: %s was %g at first and is %g", o.Index, s.Aim, first, last)
	}
	if o.Trigger.Queries < o.FirstHit.Queries || o.Trigger.Queries > o.Queries {
		t.Errorf("seed %d: first hit after %d queries, trigger after %d, of %d", o.Index, o.FirstHit.Queries, o.Trigger.Queries, o.Queries)
	}
}

// FarBy is the distance that the aim makes smaller, as one number.
func FarBy(aim distance.Aim, d distance.Distance) float64 {
	alike, ok := d.Alike()
	switch {
	case aim == distance.MostAlike && ok:
		return 1 - alike.Value
	case aim == distance.NearestLInf:
		return d.LInf
	case aim == distance.NearestL0:
		return float64(d.L0)
	}
	return d.L2
}

// AllAims are all aims of a search.
var AllAims = []distance.Aim{distance.MostAlike, distance.NearestL2, distance.NearestLInf, distance.NearestL0}
