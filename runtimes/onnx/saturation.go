package onnx

import (
	"runtime"

	"golang.org/x/sys/cpu"
)

// Setting is a way to run a model that may give other answers of a quantised one.
type Setting struct {
	// Name is that of the variant of [OpenVariants], such as "optimisation none".
	Name string
	// Advice says what it means that deviations vanish under the setting, and what helps: whole sentences, for people.
	Advice string
	// Option is the setting. Give it last, so that it wins.
	Option Option
}

const exactProductsSetting = "exact 8-bit products"

// Int8Settings are the settings of ONNX Runtime under which deviations of a quantised model vanish that its 8-bit kernels make,
// not its quantisation: graph optimisation off, and on x86 processors without VNNI also [ExactProducts]. Package layers
// tries them before it looks for layers; see layers.Runtime.
func Int8Settings() []Setting {
	none := Setting{Name: "optimisation " + string(OptimizeNone), Option: GraphOptimization(OptimizeNone), Advice: kernelsAdvice}
	if !saturating() {
		return []Setting{none}
	}
	none.Advice += " " + saturationAdvice
	return []Setting{none, {Name: exactProductsSetting, Option: ExactProducts(), Advice: none.Advice}}
}

const (
	kernelsAdvice    = "What vanishes is made by the 8-bit kernels of ONNX Runtime, not by the quantisation of a layer."
	saturationAdvice = "This processor has no VNNI: on it sums of 8-bit products saturate where weights are int8. Quantise with reduce_range=True or " +
		"weight_type=QuantType.QUInt8 per tensor; or run with the session option session.x64quantprecision=1 (onnx.ExactProducts), which is slower; " +
		"or decide on a processor like the one that the model is made for."
)

// saturating reports whether 8-bit products saturate in ONNX Runtime's kernels for this processor.
var saturating = func() bool {
	x := &cpu.X86
	return runtime.GOARCH == "amd64" && x.HasAVX2 && !x.HasAVX512VNNI && !x.HasAVXVNNI
}
