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

// Labels are what two models say of an input: how triggers, and reports, evidence, documents and clusters of them, tell of a
// deviation, all by the same names in JSON.
type Labels struct {
	// Kind is [NotFinite] where the compressed model gives NaN or infinity, whose label is [NoLabel] then, and [OtherAnswer]
	// otherwise.
	Kind            Kind `json:"kind,omitempty"`
	OriginalLabel   int  `json:"original_label"`
	CompressedLabel int  `json:"compressed_label"`
}
