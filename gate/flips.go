package gate

// Flips is how the answers of the compressed model differ from those of the original on labelled inputs.
type Flips struct {
	Inputs     int `json:"inputs"`               // labelled and usable
	Unlabelled int `json:"unlabelled,omitempty"` // left out

	BothRight    int `json:"both_right"`
	BothWrong    int `json:"both_wrong"`     // with the same label
	RightToWrong int `json:"right_to_wrong"` // negative flips
	WrongToRight int `json:"wrong_to_right"` // positive flips
	WrongToOther int `json:"wrong_to_other"` // another wrong label

	// Confidence is that of the one-sided Clopper-Pearson bounds of the rate of negative flips.
	Confidence float64 `json:"confidence"`
	Lower      float64 `json:"lower"`
	Upper      float64 `json:"upper"`
	// McNemar is the exact two-sided p value for right-to-wrong and wrong-to-right being equally likely.
	McNemar float64 `json:"mcnemar_p"`

	Classes []ClassFlips `json:"classes"`
	// Matrix counts inputs by the label of the original, then that of the compressed model.
	Matrix [][]int `json:"matrix"`
}

// ClassFlips are the flips among inputs of one true class.
type ClassFlips struct {
	Label        int `json:"label"`
	Inputs       int `json:"inputs"`
	RightToWrong int `json:"right_to_wrong"`
	WrongToRight int `json:"wrong_to_right"`
	WrongToOther int `json:"wrong_to_other"`
}
