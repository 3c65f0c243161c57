package answer

import "fmt"

// ClassName is the name of a class: "Ankle boot" where names has it, else "class 9". [NoLabel], of an answer that is
// not finite, is "not finite".
func ClassName(names []string, label int) string {
	if label == NoLabel {
		return string(NotFinite)
	}
	if label >= 0 && label < len(names) && names[label] != "" {
		return names[label]
	}
	return fmt.Sprintf("class %d", label)
}

// Labels are what two models say of an input, and how that deviates: how triggers, and reports, evidence, documents and clusters of them, tell of a
// deviation, all by the same names in JSON.
type Labels struct {
	// Kind is [NotFinite] where the compressed model gives NaN or infinity, whose label is [NoLabel] then, and [OtherAnswer]
	// otherwise.
	Kind Kind `json:"kind,omitempty"`
	// The labels of both answers, [NoLabel] where they are no class scores.
	OriginalLabel   int `json:"original_label"`
	CompressedLabel int `json:"compressed_label"`
	// Deviation is how an oracle tells of it that does not go by labels, or by these labels alone; zero otherwise.
	Deviation Deviation `json:"deviation,omitzero"`
}

// Told is the deviation: as the oracle tells it, or from one label to the other.
func (l Labels) Told() Deviation {
	if l.Deviation != (Deviation{}) {
		return l.Deviation
	}
	return Deviation{From: Said{Label: l.OriginalLabel}, To: Said{Label: l.CompressedLabel}}
}

// Sort is what deviations of one sort have in common: both labels or, where it does not go by them, the group. What is not finite
// is one sort.
func (l Labels) Sort() Labels {
	d := l.Deviation
	if d == (Deviation{}) && l.Kind == OtherAnswer {
		return l
	}
	sort := Labels{Kind: l.Kind, OriginalLabel: NoLabel, CompressedLabel: NoLabel}
	switch {
	case l.Kind != OtherAnswer:
	case d.Group != "":
		sort.Deviation = Deviation{From: Said{Label: NoLabel}, To: Said{Label: NoLabel}, Group: d.Group}
	default:
		sort.Deviation = Deviation{From: d.From, To: d.To}
	}
	return sort
}
