package predictor

import (
	"fmt"
	"strings"
)

// scoresOutput is the output that carries the scores.
type scoresOutput struct {
	Value
	place
	quant     *Quantization
	chosen    bool // found among several
	*labelled      // of an output of labels; nil for numbers
}

// place says where in an output the scores of an input lie.
type place struct {
	known   bool
	numbers int // a row
	batchAt int // the dimension that counts inputs; -1 when there is none: one input at a time
	classAt int // the dimension that counts numbers; -1 when there is one number an input
}

// alone reports whether the output has room for one input only.
func (p place) alone() bool { return p.batchAt < 0 }

// turned reports whether the numbers of an input lie apart, those of other inputs between them.
func (p place) turned() bool { return p.batchAt > p.classAt && p.classAt >= 0 }

// size is that of an element of the scores in bytes.
func (out *scoresOutput) size() int {
	if out.labelled != nil {
		return Float32.Size()
	}
	return out.Element.Size()
}

// reader reads the scores.
func (out *scoresOutput) reader() func(dst []float32, row []byte) {
	if out.labelled != nil {
		return newReader(Float32, nil)
	}
	return newReader(out.Element, out.quant)
}

// inferOutput chooses the output that carries class scores.
func inferOutput(g *Graph, in *imageInput, c *config) (*scoresOutput, error) {
	if len(g.Outputs) == 0 {
		return nil, fmt.Errorf("expected an output, found none")
	}
	if len(c.outputsAs) > 0 {
		return nil, fmt.Errorf("expected raw numbers for @OutputAs, found scores of classes, which have no name in answers; @Scores(@Raw) reads outputs under their names")
	}
	out := &scoresOutput{Value: g.Outputs[0]}
	switch {
	case len(c.outputNames) > 1:
		return nil, fmt.Errorf("expected one output of class scores, found %d in @Output; numbers of several are taken as they are with @Scores(@Raw)", len(c.outputNames))
	case len(c.outputNames) == 1:
		var err error
		if out.Value, err = g.outputNamed(c.outputNames[0]); err != nil {
			return nil, err
		}
	case len(g.Outputs) > 1:
		var scores []Value
		for _, v := range g.Outputs {
			if looksLikeScores(v, in) && !g.zippedBeside(v) {
				scores = append(scores, v)
			}
		}
		if len(scores) == 0 {
			for _, v := range g.Outputs {
				if v.Kind == "tensor" && v.Element == String && g.labelsOf(v.Name) != nil {
					scores = append(scores, v)
				}
			}
		}
		if len(scores) != 1 {
			return nil, fmt.Errorf("expected one output of class scores, found %d outputs: %s; choose one with @Output(name)%s", len(g.Outputs), joinValues(g.Outputs), rawHint)
		}
		out.Value, out.chosen = scores[0], true
	}
	return out, out.check(g, in, c)
}

// outputsText lists the outputs of the graph.
func outputsText(g *Graph) string {
	if len(g.Outputs) == 1 {
		return "the output " + joinValues(g.Outputs)
	}
	return "the outputs " + joinValues(g.Outputs)
}

// rawHint is the way out where an output is no row of class scores.
const rawHint = "; if they are not scores of classes, @Scores(@Raw) takes the numbers as they are"

// looksLikeScores reports whether the output can be one row of at least two scores an input.
func looksLikeScores(v Value, in *imageInput) bool {
	if v.Kind != "tensor" || !v.Element.scoring() || !v.HasShape || len(v.Shape) < 2 {
		return false
	}
	p, ok := placeOf(v.Shape, in)
	return ok && (!p.known || p.numbers > 1)
}

func (out *scoresOutput) check(g *Graph, in *imageInput, c *config) error {
	if out.Kind == "tensor" && out.Element == String {
		return out.readLabels(g)
	}
	if out.Kind != "tensor" {
		return fmt.Errorf("expected a tensor of scores as output, found %s", out)
	}
	if !out.Element.scoring() {
		hint := ""
		if out.Element.whole() {
			hint = rawHint
		}
		return fmt.Errorf("expected scores of float32, float64, float16, bfloat16, int8 or uint8 as output, found %s%s%s", out, g.scoresBeside(out.Name, in), hint)
	}
	if out.HasShape {
		p, ok := placeOf(out.Shape, in)
		if !ok {
			return fmt.Errorf("expected an output of scores [N, classes], found %s for %s%s%s", out, in.batchText(), turnedHint(out.Shape), rawHint)
		}
		out.place = p
	}
	if !out.Element.coded() {
		if c.outputQuant != nil {
			return fmt.Errorf("expected an int8 or uint8 output for @QuantizedOutput, found %s", out)
		}
		return nil
	}
	out.quant = c.outputQuant
	if out.quant == nil {
		out.quant = g.outputQuantization(out.Name)
	}
	if out.quant == nil {
		return fmt.Errorf("expected the scale and the zero point of the %s output in the graph, found none; give @QuantizedOutput(scale, zeroPoint), for probabilities mostly (1.0/256, %d)",
			out.Element, map[Element]int{Uint8: 0, Int8: -128}[out.Element])
	}
	return nil
}

// scoresBeside names outputs that may be the scores, for who chose one that is not.
func (g *Graph) scoresBeside(name string, in *imageInput) string {
	var names []string
	for _, v := range g.Outputs {
		if v.Name != name && looksLikeScores(v, in) && !g.zippedBeside(v) {
			names = append(names, fmt.Sprintf("%q", v.Name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; is it " + strings.Join(names, " or ") + "?"
}

func (in *imageInput) batchText() string {
	if in.batch > 0 {
		return fmt.Sprintf("a batch of %d", in.batch)
	}
	return "batches of any size"
}

func turnedHint(shape []Dimension) string {
	if len(shape) == 3 && shape[0].Size > 1 {
		return "; transpose the output in the model"
	}
	return ""
}

// placeOf reads from a shape where the scores lie. It reports false for a shape that cannot be read; a place that is not
// known is told by running the model, see [placeFound].
func placeOf(shape []Dimension, in *imageInput) (place, bool) {
	p := place{known: true, numbers: 1, classAt: -1}
	if len(shape) == 0 {
		return place{}, false
	}
	first := shape[0]
	if len(shape) == 1 {
		sameName := first.Name != "" && len(in.Shape) > 0 && first.Name == in.Shape[0].Name
		switch {
		case first.Size > 0 && first.Size == in.batch || first.Size == 0 && (in.batch > 1 || in.batch == 0 && sameName):
			return p, true
		case in.batch > 1:
			return place{}, false
		case first.Size == 0:
			return place{}, true
		case first.Size > 1:
			p.numbers, p.classAt = first.Size, 0
		}
		p.batchAt = -1
		return p, true
	}
	if len(shape) == 2 && first.Size > 1 && first.Size != in.batch && (shape[1].Size == 0 || shape[1].Size == in.batch) {
		return place{known: true, numbers: first.Size, batchAt: 1, classAt: 0}, true
	}
	wide, open := 0, 0
	for i, d := range shape[1:] {
		switch {
		case d.Size == 0:
			open++
		case d.Size > 1:
			wide++
			p.numbers, p.classAt = d.Size, i+1
		}
	}
	switch {
	case wide > 1:
		return place{}, false
	case open > 0:
		return place{}, true
	case first.Size <= 1, first.Size == in.batch, in.batch == 0 && wide == 1: // running it tells whether that is so
		return p, true
	case in.batch == 1 && wide == 0: // as [C,1,1]
		return place{known: true, numbers: first.Size, batchAt: -1, classAt: 0}, true
	}
	return place{}, false
}

// placeFound is where the scores lie in the output of a run of so many inputs.
func placeFound(found []int64, rows int) (place, bool) {
	p := place{known: true, numbers: 1, classAt: -1}
	wide := -1 // the dimension that is not 1, besides that of the batch
	for i, d := range found {
		if d < 1 {
			return place{}, false
		}
		if i > 0 && d > 1 {
			if wide >= 0 {
				return place{}, false
			}
			wide = i
		}
	}
	switch {
	case len(found) == 0:
		return place{}, false
	case found[0] == int64(rows):
		if wide >= 0 {
			p.numbers, p.classAt = int(found[wide]), wide
		}
		return p, true
	case len(found) == 2 && found[1] == int64(rows):
		return place{known: true, numbers: int(found[0]), batchAt: 1, classAt: 0}, true
	case rows != 1 || wide >= 0:
		return place{}, false
	}
	return place{known: true, numbers: int(found[0]), batchAt: -1, classAt: 0}, true
}

// tensor is the shape of the output for so many inputs.
func (out *scoresOutput) tensor(rows int) []int64 {
	shape := make([]int64, len(out.Shape))
	for i := range shape {
		switch {
		case i == out.batchAt:
			shape[i] = int64(rows)
		case i == out.classAt:
			shape[i] = int64(out.numbers)
		default:
			shape[i] = 1
		}
	}
	return shape
}
