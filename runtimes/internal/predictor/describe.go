package predictor

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/cpu"
)

// redescribe brings up to date what inputs tell.
func (m *Model) redescribe(r *reading) {
	d := &r.description
	d.Settings = maps.Clone(d.Settings)
	d.Settings["input"], d.Settings["preprocess"] = m.describeInputs(r)
	if m.config.steps != nil {
		d.Settings["preprocess"] += "; " + m.config.steps.String()
	}
	d.Settings["scores"] = r.scoring.String()
	d.Settings["output"] = m.outputText()
	d.Classes = r.scoring.classes()
	d.ClassNames = nil
	if len(m.classes) == d.Classes {
		d.ClassNames = m.inOrder()
	}
	d.LabelOnly = m.raw == nil && m.output.labelled != nil
	d.Outputs = m.rawDescription()
	d.MaxBatch = m.maxBatch(r)
	d.Notes = m.notesOn(r)
	for i := range d.Notes {
		d.Notes[i] = m.words.in(d.Notes[i])
	}
	d.Settings["scores"] = m.words.in(d.Settings["scores"])
}

// describeInputs are the settings "input", which tells of parts as soon as some were met, and "preprocess", which says what
// the options and the file say, whatever was met: searches and replays compare it.
func (m *Model) describeInputs(r *reading) (inputs, preprocess string) {
	switch {
	case m.encoder != nil && r.ports == nil:
		inputs = m.input.describe()
	case r.ports == nil:
		inputs = m.fedText()
	default:
		var parts []string
		for _, p := range r.ports {
			parts = append(parts, p.describePort())
		}
		inputs = strings.Join(parts, "; ")
	}
	inputs = strings.TrimPrefix(inputs+describeFeeds(m.given), "; ")
	functions := preprocessed(m.given)
	if m.encoder != nil && functions == nil {
		return inputs, m.input.describePreprocessing()
	}
	var hows []string
	general := m.config.preprocessing
	open := 0 // inputs that what stands outside For may be about
	for _, f := range m.fed {
		if !f.Element.whole() {
			open++
		}
	}
	for _, f := range m.fed {
		in := imageInput{Value: f.Value, how: m.config.apart[f.Name], channels: 3}
		if open == 1 && !f.Element.whole() || len(m.fed) == 1 {
			in.how = general.with(in.how)
		}
		_ = in.inferQuantization(f.quant) // an error is told with the inputs
		how := in.describePreprocessing()
		if len(m.fed)+len(functions) > 1 {
			how = fmt.Sprintf("%q: %s", f.Name, how)
		}
		hows = append(hows, how)
	}
	for _, v := range functions {
		how := "a function"
		if len(m.fed)+len(m.given) > 1 {
			how = fmt.Sprintf("%q: a function", v.Name)
		}
		hows = append(hows, how)
	}
	if open > 1 && general.given() {
		in := imageInput{how: general, channels: 3}
		hows = append(hows, "the only searched one: "+in.describePreprocessing())
	}
	return inputs, strings.Join(hows, "; ")
}

// outputText is the setting "output".
func (m *Model) outputText() string {
	one := func(v Value, q *Quantization) string {
		if q == nil {
			return v.String()
		}
		return fmt.Sprintf("%s with scale %.6g and zero point %d", v, q.Scale, q.Zero)
	}
	if m.raw == nil {
		return one(m.output.Value, m.output.quant)
	}
	parts := make([]string, len(m.raw))
	for i, o := range m.raw {
		parts[i] = one(o.Value, o.quant)
	}
	return strings.Join(parts, ", ")
}

// maxBatch is the smallest of the limits: the file's, the user's, and 1 for models that mix a batch.
func (m *Model) maxBatch(r *reading) int {
	limit := m.config.maxBatch
	if b := m.input.batch; b > 0 && (limit == 0 || b < limit) {
		limit = b
	}
	if r.oneByOne {
		limit = 1
	}
	return limit
}

func (m *Model) notesOn(r *reading) []string {
	notes := slices.Clone(m.notes)
	if r.oneByOne && (r.separated || m.mixing || r.note == "") && (m.raw != nil || !m.output.alone()) {
		notes = append(notes, "its scores depend on what else is in a batch (dynamic quantisation does that): inputs run one by one, which is slower")
	}
	if r.note != "" {
		notes = append(notes, r.note)
	}
	if b := m.input.batch; b > 0 && (b > 1 || m.encoder != nil) {
		notes = append(notes, fmt.Sprintf("the file has a fixed batch of %d: slower than a dynamic one", b))
	}
	switch {
	case r.ports != nil:
		if m.config.preprocessing.given() && len(r.ports) > 1 && !slices.ContainsFunc(r.ports, func(p *port) bool { return !p.fixed && !p.Element.whole() }) {
			notes = append(notes, "its searched inputs take whole numbers as they are: options such as @Scale outside @For do not apply")
		}
		for _, p := range r.ports {
			if !p.fixed {
				notes = p.notesOn(notes, fmt.Sprintf("its input %q", p.imageInput.Name))
			}
		}
	case m.encoder != nil:
		notes = m.input.notesOn(notes, "it")
	}
	if m.ordered {
		notes = append(notes, "its classes were in another order than the original's; they were reordered by name")
	}
	if m.raw == nil && m.output.chosen && m.output.labelled == nil {
		notes = append(notes, fmt.Sprintf("of its several outputs, %q was taken: the only one that looks like class scores", m.output.Name))
	}
	if r.scoring.kind == Probabilities && !r.scoring.binary && !r.scoring.guard.summing && m.output.labelled == nil {
		notes = append(notes, "its scores need not sum to 1: each class has a probability of its own")
	}
	return notes
}

// notesOn adds what a user should know about what becomes of the numbers.
func (in *imageInput) notesOn(notes []string, who string) []string {
	values, example := "values", ""
	if in.images() {
		values, example = "pixels", " (pixels of 0..255 for 8-bit images)"
	}
	switch given := in.how.affine(); {
	case in.raw && given:
		if who == "it" {
			who = "its " + in.Element.String() + " input"
		}
		note := who + " takes " + values + " as they are: Scale, Mean and Std do not apply"
		if in.Element == Uint8 {
			note += "; @QuantizedInput makes them"
		}
		return append(notes, note)
	case !in.raw && !given:
		return append(notes, who+" gets the values of the seeds as they are"+example+": no @Scale, @Mean or @Std was given")
	}
	return notes
}

// cpuFeatures lists what of the processor may change the results of integer models.
func cpuFeatures() string {
	features := []string{runtime.GOARCH}
	add := func(has bool, name string) {
		if has {
			features = append(features, name)
		}
	}
	switch runtime.GOARCH {
	case "amd64":
		add(cpu.X86.HasSSE41, "sse4_1")
		add(cpu.X86.HasAVX, "avx")
		add(cpu.X86.HasAVX2, "avx2")
		add(cpu.X86.HasFMA, "fma")
		add(cpu.X86.HasAVX512F, "avx512f")
		add(cpu.X86.HasAVX512BW, "avx512bw")
		add(cpu.X86.HasAVX512VNNI, "avx512_vnni")
		add(cpu.X86.HasAVX512BF16, "avx512_bf16")
		add(cpu.X86.HasAVXVNNI, "avx_vnni")
		add(cpu.X86.HasAMXInt8, "amx_int8")
	case "arm64":
		add(cpu.ARM64.HasASIMD, "asimd")
		add(cpu.ARM64.HasASIMDDP, "asimddp")
		add(cpu.ARM64.HasI8MM, "i8mm")
		add(cpu.ARM64.HasSVE, "sve")
	}
	return strings.Join(features, " ")
}
