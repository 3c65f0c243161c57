package gate

// Decision is what a gate came to about a rate.
type Decision string

// The decisions.
const (
	Below     Decision = "below"     // the rate is below the limit, with the confidence asked for
	NotBelow  Decision = "not-below" // the rate is at or above the limit, with the same confidence
	Undecided Decision = "undecided" // the budget ended before either could be said
)

// Rate is how often the two models deviate on independent draws from a distribution of inputs.
type Rate struct {
	Distribution string  `json:"distribution"`
	Oracle       string  `json:"oracle"`
	Limit        float64 `json:"limit"`
	Confidence   float64 `json:"confidence"`
	RandomSeed   uint64  `json:"random_seed"`

	Drawn      int `json:"drawn"`
	Deviations int `json:"deviations"`         // confirmed by both models again, alone
	Unstable   int `json:"unstable,omitempty"` // deviations that did not repeat

	// Lower and Upper are one-sided bounds of the true rate: each holds with the confidence. They may
	// be looked at after every draw.
	Lower    float64  `json:"lower"`
	Upper    float64  `json:"upper"`
	Decision Decision `json:"decision"`
}
