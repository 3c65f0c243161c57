package layers

import "fmt"

// Status is how the search for the list ended.
type Status string

// The ways it can end.
const (
	// Minimal: without any one of its nodes the list would heal too few.
	Minimal Status = "minimal"
	// NotMinimal: the evaluations were spent before that was known; the list heals all the same.
	NotMinimal Status = "not-minimal"
	// Incurable: no trigger heals even with all nodes in float, so there is no list.
	Incurable Status = "incurable"
	// Cancelled: the context ended it; the list, if there is one, is the shortest until then.
	Cancelled Status = "cancelled"
)

// Cause is what of the listed nodes' quantisation makes the triggers.
type Cause string

// The causes.
const (
	// Weights: float weights alone heal as many triggers as asked for.
	Weights Cause = "weights"
	// Activations: they do not; the activations between the listed nodes have to be float too.
	Activations Cause = "activations"
	// Unknown: it was not tried.
	Unknown Cause = ""
)

// Rank is what one node does by itself.
type Rank struct {
	Node string `json:"node"`
	// Heals counts the triggers that heal with this node alone in float.
	Heals int `json:"heals"`
	// Causes counts the curable triggers that deviate with this node alone quantised, all others in
	// float.
	Causes int `json:"causes"`
}

// Result is what was found.
type Result struct {
	Status Status `json:"status"`
	Oracle string `json:"oracle"`
	// Triggers counts those given; the others below add up to it, with Curable.
	Triggers int `json:"triggers"`
	// Stale are the positions of those that do not deviate, as given, in the compressed model.
	Stale []int `json:"stale,omitempty"`
	// Incurable are the positions of those that deviate with all nodes in float: what is left quantised,
	// or the export, is to blame, not these nodes.
	Incurable []int `json:"incurable,omitempty"`
	// Curable counts the others. The goal is a share of them.
	Curable int `json:"curable"`
	Goal    int `json:"goal"`

	// Ranking tells what each node does by itself: those that heal and cause most first, then in the
	// order given. It is shorter than the nodes when it could not be completed.
	Ranking []Rank `json:"ranking"`
	// Exclude is the list, in the order of the nodes given.
	Exclude []string `json:"exclude"`
	// Healed counts the curable triggers that the list heals, evaluated anew at the end. Verified says
	// that this was done, and came to the goal.
	Healed   int  `json:"healed"`
	Verified bool `json:"verified"`
	// StillDeviating are the positions of the curable triggers that it does not heal.
	StillDeviating []int `json:"still_deviating,omitempty"`
	Cause          Cause `json:"cause,omitempty"`
	// Evaluations counts the sets of nodes tried.
	Evaluations int `json:"evaluations"`
}

// String is one line.
func (r *Result) String() string {
	switch {
	case r.Status == Incurable:
		return fmt.Sprintf("%d of %d triggers deviate with all nodes in float: not the quantisation of these nodes", len(r.Incurable), r.Triggers)
	case len(r.Exclude) == 0:
		return fmt.Sprintf("no list found (%s)", r.Status)
	}
	return fmt.Sprintf("%d nodes in float heal %d of %d triggers (%s)", len(r.Exclude), r.Healed, r.Curable, r.Status)
}
