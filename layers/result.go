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
	// OfRuntime: every trigger vanishes under another setting of the runtime (see [Result], Setting), so there is no list.
	OfRuntime Status = "runtime"
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

// RuntimeTried is what another setting of the runtime does.
type RuntimeTried struct {
	Setting string `json:"setting"`
	// Vanish counts the triggers that deviate as given, and not under the setting with every node quantised.
	Vanish int `json:"vanish"`
	// Error says why the compressed model could not be run under the setting, where it could not. Nothing is known of it then.
	Error string `json:"error,omitempty"`
}

// Result is what was found.
type Result struct {
	Status Status `json:"status"`
	Oracle string `json:"oracle"`
	// Runtimes tells what each of the problem's runtimes does, in their order.
	Runtimes []RuntimeTried `json:"runtimes,omitempty"`
	// Setting is the runtime under which all of the rest was found, because more than half of the triggers vanish under it, and
	// under no other more; "" means the compressed model as given.
	Setting string `json:"setting,omitempty"`
	// Advice is that of each runtime under which more than half of the triggers vanish, in their order, each once.
	Advice []string `json:"advice,omitempty"`
	// Triggers counts those given; the others below add up to it, with Curable.
	Triggers int `json:"triggers"`
	// Stale are the positions of those that do not deviate, as given, in the compressed model.
	Stale []int `json:"stale,omitempty"`
	// Vanished are the positions of those that vanish under Setting: the runtime makes them, no node.
	Vanished []int `json:"vanished,omitempty"`
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
	// Evaluations counts the sets of nodes tried, without what the runtimes took.
	Evaluations int `json:"evaluations"`
}

// String is one line.
func (r *Result) String() string {
	under := ""
	if r.Setting != "" {
		under = fmt.Sprintf("%d of %d triggers vanish under %s; ", len(r.Vanished), r.Triggers, r.Setting)
	}
	switch {
	case r.Status == OfRuntime:
		return under + "none is left to blame a node for"
	case r.Status == Incurable:
		return under + fmt.Sprintf("%d of %d triggers deviate with all nodes in float: not the quantisation of these nodes", len(r.Incurable), r.Triggers)
	case len(r.Exclude) == 0:
		return under + fmt.Sprintf("no list found (%s)", r.Status)
	}
	return under + fmt.Sprintf("%d nodes in float heal %d of %d triggers (%s)", len(r.Exclude), r.Healed, r.Curable, r.Status)
}
