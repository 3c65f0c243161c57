package onnx

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/internal/backward"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/internal/modelfile"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// slopes make the gradients of a model, by backward graphs.
type slopes struct {
	graph    *backward.Graph
	input    string
	settings sessionSettings
}

// newSlopes finds out whether the model has gradients by its input.
func newSlopes(file *modelfile.Model, inputs, outputs []string, settings sessionSettings) (predictor.Slopes, error) {
	if len(inputs) != 1 || len(outputs) != 1 {
		return nil, fmt.Errorf("expected one input and one output, found %q and %q", inputs, outputs)
	}
	whole, err := file.InOne()
	if err != nil {
		return nil, err
	}
	graph, err := backward.New(whole, inputs[0], outputs[0])
	if err != nil {
		return nil, err
	}
	if in := graph.Inputs(); len(in) != 1 {
		return nil, fmt.Errorf("expected one input, found %q", in)
	}
	return &slopes{graph, inputs[0], settings}, nil
}

// Start implements [predictor.Slopes].
func (s *slopes) Start(one predictor.Memory, two *predictor.Memory, kind predictor.ScoreKind, numbers int) (predictor.Session, error) {
	shapes, err := s.shapes(one, two)
	if err != nil {
		return nil, fmt.Errorf("expected to learn the shapes of its tensors: %w", predictor.CleanError(err))
	}
	scores := map[predictor.ScoreKind]backward.Scores{
		predictor.Logits: backward.Logits, predictor.Probabilities: backward.Probabilities, predictor.LogProbabilities: backward.LogProbabilities,
	}[kind]
	graph, err := s.graph.Build(shapes, scores, numbers)
	if err != nil {
		return nil, err
	}
	opened, err := s.start(graph, backward.Gradient, s.input, backward.Weights)
	if err != nil {
		return nil, fmt.Errorf("expected a backward graph that ONNX Runtime can load: %w", predictor.CleanError(err))
	}
	return opened, nil
}

func (s *slopes) start(graph *onnxpb.ModelProto, output string, inputs ...string) (predictor.Session, error) {
	file, err := modelfile.Bytes(graph)
	if err != nil {
		return nil, err
	}
	settings := s.settings
	settings.inputs, settings.outputs = inputs, []string{output}
	return newSession(file, settings)
}

// shapes measures those of all tensors. What differs between the two runs counts inputs.
func (s *slopes) shapes(one predictor.Memory, two *predictor.Memory) (map[string][]int64, error) {
	probe, err := s.start(s.graph.Probe(), backward.Shapes, s.input)
	if err != nil {
		return nil, err
	}
	defer probe.Close()
	measure := func(in predictor.Memory) (map[string][]int64, error) {
		found, err := probe.Once(context.Background(), []predictor.Memory{in}, []predictor.Memory{{Element: predictor.Int64}})
		if err != nil {
			return nil, err
		}
		numbers := make([]int64, len(found[0].Data)/8)
		for i := range numbers {
			numbers[i] = int64(binary.LittleEndian.Uint64(found[0].Data[8*i:]))
		}
		return s.graph.ReadShapes(numbers)
	}
	first, err := measure(one)
	if err != nil || two == nil {
		return first, err
	}
	second, err := measure(*two)
	if err != nil { // the model takes one input at a time
		return first, nil
	}
	return backward.Varying(first, second)
}
