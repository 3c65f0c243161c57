package gate

// Canary is the power of a search: how often it finds deviations between the original and copies of it
// with a known, small change, so that "nothing found" carries a measured weight.
type Canary struct {
	Model        string        `json:"model"`        // which was changed
	Perturbation string        `json:"perturbation"` // what was done to it
	Search       string        `json:"search"`       // strategy, bound and budget
	Trials       []CanaryTrial `json:"trials"`       // by size
}

// CanaryTrial is the search against one changed copy.
type CanaryTrial struct {
	Size       float64 `json:"size"` // of the change, relative to each weight tensor's standard deviation
	Seeds      int     `json:"seeds"`
	Found      int     `json:"found"`
	Queries    int     `json:"queries"`
	Confidence float64 `json:"confidence"`
	Lower      float64 `json:"lower"` // two-sided Clopper-Pearson interval of the detection rate
	Upper      float64 `json:"upper"`
}
