package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
)

// dynamicSide is the height and width of trial images where the model takes any.
const dynamicSide = 64

// trial is what a few predictions at opening time tell about a model.
type trial struct {
	rows     [][]float32 // of single inputs
	note     string
	oneByOne bool
}

// try runs the model on a few inputs, alone and together. A model that takes any size may refuse the
// size tried: that is no error.
func (m *Model) try() (trial, error) {
	var t trial
	inputs := m.trialInputs()
	if inputs == nil {
		t.note = "not tried when opened: the size of its inputs is open"
		return t, nil
	}
	l := &lane{}
	defer l.close()
	for i := range inputs {
		if err := l.run(m, inputs[i:i+1]); err != nil {
			if m.anySize() {
				return trial{note: fmt.Sprintf("not tried when opened: it refused images of %dx%d pixels", dynamicSide, dynamicSide)}, nil
			}
			return t, fmt.Errorf("expected the model to run on an input of %s: %w", m.input.imageText(), cleanError(err))
		}
		t.rows = append(t.rows, m.readRow(l, 0))
	}
	if m.input.batch == 1 {
		return t, nil
	}
	n := len(inputs)
	if m.input.batch > 0 {
		n = min(n, m.input.batch)
	}
	if err := l.run(m, inputs[:n]); err != nil {
		t.oneByOne = true
		t.note = "the file has a dynamic batch, but the model runs one input at a time only: slower"
		return t, nil
	}
	for i := range n {
		if !m.sameScores(t.rows[i], m.readRow(l, i)) {
			t.oneByOne = true
		}
	}
	return t, nil
}

func (m *Model) readRow(l *lane, i int) []float32 {
	row := make([]float32, m.scoring.numbers)
	m.scoring.read(row, l.row(m, i))
	return row
}

// sameScores compares two rows for the same input, but for rounding.
func (m *Model) sameScores(a, b []float32) bool {
	largest := 0.0
	for _, v := range a {
		if v := math.Abs(float64(v)); v > largest && !math.IsInf(v, 0) {
			largest = v
		}
	}
	slack := 1e-4 * max(largest, 1e-3)
	switch {
	case m.output.element == float16Type:
		slack = 1e-2 * largest
	case m.output.quant != nil:
		slack = 1.5 * m.output.quant.scale
	}
	return slices.EqualFunc(a, b, func(x, y float32) bool {
		return x == y || (x != x && y != y) || math.Abs(float64(x)-float64(y)) <= slack
	})
}

func (m *Model) anySize() bool {
	return m.input.height == 0 || m.input.width == 0
}

// trialInputs are black, noise and faint noise: the same for every run, and of very different ranges.
func (m *Model) trialInputs() []engine.Input {
	shape := []int{m.input.height, m.input.width, m.input.channels}
	if m.input.flat() {
		if m.input.features == 0 {
			return nil
		}
		shape = []int{1, m.input.features, 1}
		if n := len(m.lists); n > 1 {
			shape = []int{1, m.input.features / n, n}
		}
	}
	size := 1
	for i, d := range shape {
		if d == 0 {
			shape[i] = dynamicSide
		}
		size *= shape[i]
	}
	inputs := make([]engine.Input, 3)
	state := uint32(1)
	for i := range inputs {
		inputs[i] = engine.Input{Shape: shape, Data: make([]float32, size), Domain: engine.Bytes}
		for j := range inputs[i].Data {
			state = state*1664525 + 1013904223
			switch noise := state >> 24; i {
			case 1:
				inputs[i].Data[j] = float32(noise)
			case 2:
				inputs[i].Data[j] = float32(noise / 16)
			}
		}
	}
	return inputs
}
