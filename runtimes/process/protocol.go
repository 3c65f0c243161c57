package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// Version is that of the protocol, docs/process-protocol.md, which a program says first.
const Version = 1

const (
	mostLine    = 4 << 20 // bytes of a line of JSON
	mostTensors = 256     // inputs or outputs
	mostRank    = 16
	mostBytes   = 1 << 30 // of an output
)

// elements are the types of tensors by the names that the protocol has for them.
var elements = map[string]predictor.Element{
	"float32": predictor.Float32, "float64": predictor.Float64, "float16": predictor.Float16, "bfloat16": predictor.Bfloat16,
	"uint8": predictor.Uint8, "int8": predictor.Int8, "int16": predictor.Int16, "int32": predictor.Int32, "int64": predictor.Int64, "bool": predictor.Bool,
}

// dimension is a number above 0 or, where that is open, the name of a size that other tensors have too, or nothing (-1 in JSON).
type dimension struct {
	size int64
	name string
}

// UnmarshalJSON implements [json.Unmarshaler].
func (d *dimension) UnmarshalJSON(text []byte) error {
	*d = dimension{}
	if json.Unmarshal(text, &d.name) == nil && d.name != "" {
		return nil
	}
	n, err := strconv.ParseInt(string(text), 10, 32)
	if err != nil || n < -1 || n == 0 {
		return fmt.Errorf("expected a dimension that is a number above 0, -1 for an open one, or a name, found %s", text)
	}
	d.size = max(n, 0)
	return nil
}

// described is an input or an output in a greeting.
type described struct {
	Name      string      `json:"name"`
	Type      string      `json:"type"`
	Shape     []dimension `json:"shape"`
	Scale     float64     `json:"scale"`
	ZeroPoint int         `json:"zero_point"`
}

// greeting is what a program says when it has started.
type greeting struct {
	Version  int               `json:"triggerfinder"`
	Name     string            `json:"name"`
	Inputs   []described       `json:"inputs"`
	Outputs  []described       `json:"outputs"`
	MaxBatch int               `json:"max_batch"`
	Scores   string            `json:"scores"`
	Classes  []string          `json:"classes"`
	SHA256   string            `json:"sha256"`
	Settings map[string]string `json:"settings"`
}

// tensor is an input or an output in a question or an answer.
type tensor struct {
	Name  string  `json:"name"`
	Type  string  `json:"type"`
	Shape []int64 `json:"shape"`
}

// question asks for what the model makes of a batch. The numbers of the inputs follow it.
type question struct {
	ID     uint64   `json:"id"`
	Inputs []tensor `json:"inputs"`
}

// reply begins an answer. The numbers of the outputs follow it, and a closing.
type reply struct {
	ID      uint64   `json:"id"`
	Outputs []tensor `json:"outputs"`
	Error   *string  `json:"error"`
}

// closing ends an answer, so that anything else that was printed among the numbers is seen.
type closing struct {
	End *uint64 `json:"end"`
}

func (g *greeting) check() error {
	if strings.TrimSpace(g.Name) == "" {
		return fmt.Errorf(`expected a "name" of the model, found %q`, g.Name)
	}
	for _, list := range []struct {
		what    string
		tensors []described
	}{{"inputs", g.Inputs}, {"outputs", g.Outputs}} {
		if n := len(list.tensors); n == 0 || n > mostTensors {
			return fmt.Errorf("expected 1 to %d %s, found %d", mostTensors, list.what, n)
		}
		for i, t := range list.tensors {
			if err := t.check(); err != nil {
				return fmt.Errorf("%s[%d] %q: %w", list.what, i, t.Name, err)
			}
			if slices.ContainsFunc(list.tensors[:i], func(o described) bool { return o.Name == t.Name }) {
				return fmt.Errorf("expected %s of different names, found two of %q", list.what, t.Name)
			}
		}
	}
	if g.MaxBatch < 0 {
		return fmt.Errorf(`expected a "max_batch" of at least 1, or 0 for no limit, found %d`, g.MaxBatch)
	}
	if !slices.Contains([]string{"", string(Logits), string(Probabilities), string(LogProbabilities), string(Raw)}, g.Scores) {
		return fmt.Errorf(`expected "scores" of %q, %q, %q or %q, or none, found %q`, Logits, Probabilities, LogProbabilities, Raw, g.Scores)
	}
	if g.SHA256 != "" && (len(g.SHA256) != 64 || strings.Trim(g.SHA256, "0123456789abcdef") != "") {
		return fmt.Errorf(`expected a "sha256" of 64 hexadecimal digits in lower case, found %q`, g.SHA256)
	}
	return nil
}

func (t *described) check() error {
	if t.Name == "" {
		return errors.New("expected a name, found none")
	}
	if _, ok := elements[t.Type]; !ok {
		return unknownType(t.Type)
	}
	if n := len(t.Shape); n == 0 || n > mostRank {
		return fmt.Errorf("expected a shape of 1 to %d dimensions, the first of which counts inputs, found %d", mostRank, n)
	}
	coded := t.Type == "uint8" || t.Type == "int8" || t.Type == "int16"
	if t.Scale < 0 || !coded && (t.Scale != 0 || t.ZeroPoint != 0) || t.Scale == 0 && t.ZeroPoint != 0 {
		return fmt.Errorf("expected a scale above 0, with or without a zero point, of a tensor of uint8, int8 or int16, or neither, found scale %v and zero point %d of %s", t.Scale, t.ZeroPoint, t.Type)
	}
	low, high := -1<<15, 1<<15-1
	switch t.Type {
	case "uint8":
		low, high = 0, 255
	case "int8":
		low, high = -128, 127
	}
	if t.ZeroPoint < low || t.ZeroPoint > high {
		return fmt.Errorf("expected a zero point of %d..%d for %s, found %d", low, high, t.Type, t.ZeroPoint)
	}
	return nil
}

func unknownType(found string) error {
	var names []string
	for name := range elements {
		names = append(names, name)
	}
	slices.Sort(names)
	return fmt.Errorf("expected a type of %s, found %q", strings.Join(names, ", "), found)
}

// bytes is the size of a tensor of an answer.
func (t *tensor) bytes() (int64, error) {
	e, ok := elements[t.Type]
	if !ok {
		return 0, unknownType(t.Type)
	}
	if len(t.Shape) > mostRank {
		return 0, fmt.Errorf("expected at most %d dimensions, found %d", mostRank, len(t.Shape))
	}
	n := int64(e.Size())
	for _, d := range t.Shape {
		if d < 0 {
			return 0, fmt.Errorf("expected dimensions of at least 0, found the shape %v", t.Shape)
		}
		if d > 0 && n > mostBytes/d {
			return 0, fmt.Errorf("expected a tensor of at most %d MiB, found one of %s%v", mostBytes>>20, t.Type, t.Shape)
		}
		n *= d
	}
	return n, nil
}

func shapeText(shape []dimension) string {
	parts := make([]string, len(shape))
	for i, d := range shape {
		switch {
		case d.size > 0:
			parts[i] = strconv.FormatInt(d.size, 10)
		case d.name != "":
			parts[i] = d.name
		default:
			parts[i] = "-1"
		}
	}
	return "[" + strings.Join(parts, " ") + "]"
}
