package onnx

import (
	"fmt"
	"math"
)

// scoring is how a row of the output becomes a row of probabilities.
type scoring struct {
	kind    ScoreKind
	why     string // how the kind was found
	binary  bool   // one number stands for two classes
	numbers int    // a row of the output
	read    func(dst []float32, row []byte)
}

// classes is the length of a row of scores.
func (s *scoring) classes() int {
	if s.binary {
		return 2
	}
	return s.numbers
}

// String is the setting "scores" of the model's description.
func (s *scoring) String() string {
	how := map[ScoreKind]string{
		Logits:           "logits, softmax applied",
		Probabilities:    "probabilities, as they are",
		LogProbabilities: "log-probabilities, exponential applied",
	}[s.kind]
	if s.binary && s.kind == Logits {
		how = "one logit, sigmoid applied"
	}
	return how + " (" + s.why + ")"
}

// decode turns a row of the output into probabilities. NaN stays NaN.
func (s *scoring) decode(dst []float32, row []byte) {
	if s.binary {
		s.decodeBinary(dst, row)
		return
	}
	s.read(dst, row)
	switch s.kind {
	case Logits:
		softmax(dst)
	case LogProbabilities:
		for i, v := range dst {
			dst[i] = float32(math.Exp(float64(v)))
		}
	}
}

func (s *scoring) decodeBinary(dst []float32, row []byte) {
	s.read(dst[1:2], row)
	p := float64(dst[1])
	switch s.kind {
	case Logits:
		p = 1 / (1 + math.Exp(-p))
	case LogProbabilities:
		p = math.Exp(p)
	}
	dst[0], dst[1] = float32(1-p), float32(p)
}

// softmax turns logits into probabilities, in place.
func softmax(row []float32) {
	highest := math.Inf(-1)
	for _, v := range row {
		highest = math.Max(highest, float64(v))
	}
	var sum float64
	for i, v := range row {
		e := math.Exp(float64(v) - highest)
		sum += e
		row[i] = float32(e)
	}
	for i, v := range row {
		row[i] = float32(float64(v) / sum)
	}
}

// newReader reads the numbers of an output, dequantised when they are integers.
func newReader(out *scoresOutput) func(dst []float32, row []byte) {
	switch out.element {
	case float16Type:
		return func(dst []float32, row []byte) {
			for i, h := range elements[uint16](row)[:len(dst)] {
				dst[i] = float16ToFloat32(h)
			}
		}
	case float64Type:
		return func(dst []float32, row []byte) {
			for i, v := range elements[float64](row)[:len(dst)] {
				dst[i] = float32(v)
			}
		}
	case int8Type, uint8Type:
		var table [256]float32
		for b := range 256 {
			q := b
			if out.element == int8Type {
				q = int(int8(b))
			}
			table[b] = float32(float64(q-out.quant.zero) * out.quant.scale)
		}
		return func(dst []float32, row []byte) {
			for i, b := range row[:len(dst)] {
				dst[i] = table[b]
			}
		}
	}
	return func(dst []float32, row []byte) { copy(dst, elements[float32](row)) }
}

// decide finds out what the numbers of the output are, once, from the graph and from rows that the
// model gave for a few inputs.
func (s *scoring) decide(g *graph, out *scoresOutput, c *config, rows [][]float32) error {
	finite := finiteRows(rows)
	operator := g.scoresOperator(out.value)
	switch {
	case c.scores != "":
		s.kind, s.why = c.scores, "as onnx.Scores says"
		for _, row := range finite {
			if err := fits(s.kind, row); err != nil {
				return err
			}
		}
	case operator == "Softmax" || operator == "QLinearSoftmax" || operator == "Sigmoid":
		s.kind, s.why = Probabilities, "the graph ends in "+operator
	case operator == "LogSoftmax":
		s.kind, s.why = LogProbabilities, "the graph ends in "+operator
	case !s.binary && len(finite) > 0 && sumToOne(finite, out):
		s.kind, s.why = Probabilities, "rows of a trial sum to 1"
	case len(finite) > 0 && !s.binary:
		s.kind, s.why = Logits, "rows of a trial do not sum to 1"
	default:
		s.kind, s.why = Logits, "the graph ends in "+operator
		if operator == "" {
			s.why = "the graph does not end in Softmax"
		}
	}
	return nil
}

func finiteRows(rows [][]float32) [][]float32 {
	var finite [][]float32
	for _, row := range rows {
		var sum float64
		for _, v := range row {
			sum += math.Abs(float64(v))
		}
		if !math.IsNaN(sum) && !math.IsInf(sum, 0) {
			finite = append(finite, row)
		}
	}
	return finite
}

// fits checks a row against what the user said that it is.
func fits(kind ScoreKind, row []float32) error {
	for _, v := range row {
		if (kind == Probabilities && (v < -0.01 || v > 1.01)) || (kind == LogProbabilities && v > 0.01) {
			return fmt.Errorf("expected %s, as onnx.Scores says, found %g in a row of a trial", kind, v)
		}
	}
	return nil
}

// sumToOne reports whether every row can be probabilities, given how exact the output is.
func sumToOne(rows [][]float32, out *scoresOutput) bool {
	for _, row := range rows {
		slack := 1e-3
		switch {
		case out.element == float16Type:
			slack = 1e-2
		case out.quant != nil:
			slack += out.quant.scale / 2 * float64(len(row))
			slack = min(slack, 0.2)
		}
		var sum float64
		for _, v := range row {
			if float64(v) < -slack || float64(v) > 1+slack {
				return false
			}
			sum += float64(v)
		}
		if math.Abs(sum-1) > slack {
			return false
		}
	}
	return true
}
