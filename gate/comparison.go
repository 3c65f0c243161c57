package gate

// Comparison is a candidate beside the evidence of an earlier release, on the same seeds and random
// streams.
type Comparison struct {
	Evidence string `json:"evidence"` // the file
	Baseline string `json:"baseline"` // the compressed model that it is about
	// SameCandidate says that the candidate is the baseline's compressed model itself, or that model saved again.
	SameCandidate bool     `json:"same_candidate,omitempty"`
	Notes         []string `json:"notes,omitempty"` // for the reader

	Seeds int `json:"seeds"` // compared

	// Missing are the seeds of the evidence that are not compared, as the candidate was not searched from them; New are those
	// of the candidate that the evidence does not have.
	Missing int `json:"missing,omitempty"`
	New     int `json:"new,omitempty"`

	// Seeds with a trigger in both, in one alone, or in neither.
	Both    int `json:"both"`
	Worse   int `json:"worse"`  // only the candidate deviates
	Better  int `json:"better"` // only the baseline did
	Neither int `json:"neither"`
	// NotFinite counts the seeds on which the candidate gives NaN or infinity and the baseline did not, with or without
	// another trigger. A single one fails the candidate: no tolerance and no confidence is about these.
	NotFinite int `json:"not_finite,omitempty"`
	Tolerance int `json:"tolerance"` // how many more seeds with a trigger are accepted
	// P is the exact one-sided p value for the candidate not being worse (McNemar, paired).
	P float64 `json:"p"`
	// Confidence is that with which the candidate has to be worse to fail, beyond the tolerance; 0 when any
	// seed beyond the tolerance fails it.
	Confidence float64 `json:"confidence,omitempty"`
	// AtMost is an absolute bound: the most seeds with a trigger that the candidate may have; nil for none.
	AtMost *int `json:"at_most,omitempty"`

	Pass    bool           `json:"pass"`
	Changes []SeedChange   `json:"changes"`           // seeds that became worse, those of NotFinite first, then those that became better
	Classes []MetricChange `json:"classes,omitempty"` // deviations by true class
	Metrics []MetricChange `json:"metrics,omitempty"` // of the triggers, such as their distance
}

// SeedChange is a seed on which the two releases differ.
type SeedChange struct {
	Seed  string `json:"seed"`
	Label int    `json:"label"`
	Worse bool   `json:"worse"`
	// NotFinite says that the candidate gives NaN or infinity, where the baseline did not. The baseline may have had
	// another trigger.
	NotFinite bool `json:"not_finite,omitempty"`
	// Trigger is the id of the one that shows it.
	Trigger string `json:"trigger,omitempty"`
}

// MetricChange is a number of both releases.
type MetricChange struct {
	Name   string  `json:"name"`
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	Worse  bool    `json:"worse,omitempty"`
}
