package oip

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// Serve puts a model of a server behind the protocol of package process, docs/process-protocol.md: it reads questions and writes answers until
// questions end. The command triggerfinder-oip is this, so that programs that do not link gRPC can ask servers, one question at a time. The
// options are those about the server; those about the numbers of inputs and outputs are for whoever asks. An error before the greeting
// is returned; one of the server to a question is the answer to it.
func Serve(ctx context.Context, questions io.Reader, answers io.Writer, address, name string, list ...Option) error {
	for _, one := range list {
		if _, ok := one.(own); !ok {
			return errors.New("oip: expected options about the server, found one about what the model is given or gives")
		}
	}
	o := newOpener()
	defer o.close()
	e, err := o.endpoint(predictor.Alone, address, name, list)
	if err != nil {
		return err
	}
	source, err := o.source("", predictor.Alone, 1, nil)
	if err != nil {
		return fmt.Errorf("oip: %s: %w", e, err)
	}
	s := &served{from: bufio.NewReaderSize(questions, 1<<16), to: bufio.NewWriterSize(answers, 1<<16)}
	for _, t := range source.Graph.Inputs {
		s.inputs = append(s.inputs, t.Name)
	}
	for _, t := range source.Graph.Outputs {
		s.outputs = append(s.outputs, t.Name)
	}
	started, err := source.Start(s.inputs, s.outputs, nil)
	if err != nil {
		return err
	}
	s.session = o.sessions[predictor.Alone]
	if err := s.greet(started.Description); err != nil {
		return fmt.Errorf("oip: %s: %w", e, err)
	}
	for {
		if err := s.answer(ctx); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("oip: %w", err)
		}
	}
}

// served is a model that answers questions.
type served struct {
	from            *bufio.Reader
	to              *bufio.Writer
	session         *session
	inputs, outputs []string
	buffer          []byte
}

// typeNames are those of elements in the protocol of package process.
var typeNames = map[predictor.Element]string{
	predictor.Float32: "float32", predictor.Float64: "float64", predictor.Float16: "float16", predictor.Bfloat16: "bfloat16", predictor.Uint8: "uint8",
	predictor.Int8: "int8", predictor.Int16: "int16", predictor.Int32: "int32", predictor.Int64: "int64", predictor.Bool: "bool",
}

// said is a tensor in messages.
type said struct {
	Name  string  `json:"name"`
	Type  string  `json:"type"`
	Shape []int64 `json:"shape"`
}

func (s *served) line(message any) error {
	line, err := json.Marshal(message)
	if err == nil {
		_, err = s.to.Write(append(line, '\n'))
	}
	return err
}

func (s *served) greet(d model.Description) error {
	greeting := struct {
		Version  int               `json:"triggerfinder"`
		Name     string            `json:"name"`
		Inputs   []said            `json:"inputs"`
		Outputs  []said            `json:"outputs"`
		Settings map[string]string `json:"settings"`
	}{Version: process.Version, Name: d.Name, Settings: map[string]string{}}
	for key, value := range d.Settings {
		if key == "protocol" { // that of programs stands there
			key = "asked_by"
		}
		greeting.Settings[key] = value
	}
	for i, list := range [2][]tensorInfo{s.session.inputs, s.session.outputs} {
		to := [2]*[]said{&greeting.Inputs, &greeting.Outputs}[i]
		for _, t := range list {
			one := said{t.name, typeNames[datatypes[t.datatype]], t.shape}
			if one.Type == "" {
				return fmt.Errorf("expected numbers, found %s", t)
			}
			*to = append(*to, one)
		}
	}
	if err := s.line(greeting); err != nil {
		return err
	}
	return s.to.Flush()
}

// answer reads a question and answers it. io.EOF is the end of questions.
func (s *served) answer(ctx context.Context) error {
	line, err := s.from.ReadBytes('\n')
	if err != nil {
		if len(bytes.TrimSpace(line)) > 0 {
			return fmt.Errorf("expected a question of one line, found the beginning of one: %w", io.ErrUnexpectedEOF)
		}
		return err
	}
	var question struct {
		ID     uint64 `json:"id"`
		Inputs []said `json:"inputs"`
	}
	if err := json.Unmarshal(line, &question); err != nil {
		return fmt.Errorf("expected a question, one line of JSON: %w", err)
	}
	inputs := make([]predictor.Memory, len(s.inputs))
	sizes := make([]int64, len(question.Inputs))
	total := int64(0)
	for i, t := range question.Inputs {
		at := slices.Index(s.inputs, t.Name)
		if at < 0 || inputs[at].Shape != nil || len(t.Shape) == 0 {
			return fmt.Errorf("expected each of the inputs %q once, found %q", s.inputs, t.Name)
		}
		element := datatypes[s.session.inputs[at].datatype]
		if t.Type != typeNames[element] {
			return fmt.Errorf("expected %s for the input %q, found %s", typeNames[element], t.Name, t.Type)
		}
		n := volume(t.Shape)
		if n < 0 {
			return fmt.Errorf("expected dimensions of at least 0 and fewer numbers for the input %q, found the shape %v", t.Name, t.Shape)
		}
		sizes[i] = n * int64(element.Size())
		total += sizes[i]
		inputs[at] = predictor.Memory{Element: element, Shape: t.Shape}
	}
	if len(question.Inputs) != len(s.inputs) {
		return fmt.Errorf("expected the inputs %q, found %d of them", s.inputs, len(question.Inputs))
	}
	if int64(cap(s.buffer)) < total {
		s.buffer = make([]byte, total)
	}
	s.buffer = s.buffer[:total]
	if _, err := io.ReadFull(s.from, s.buffer); err != nil {
		return fmt.Errorf("expected %d bytes of numbers after the question: %w", total, err)
	}
	rest := s.buffer
	for i, t := range question.Inputs {
		inputs[slices.Index(s.inputs, t.Name)].Data, rest = rest[:sizes[i]], rest[sizes[i]:]
	}
	outputs, err := s.run(ctx, inputs)
	if err != nil {
		if err := s.line(map[string]any{"id": question.ID, "error": err.Error()}); err != nil {
			return err
		}
		return s.to.Flush()
	}
	var told []said
	for i, m := range outputs {
		told = append(told, said{s.outputs[i], typeNames[m.Element], m.Shape})
	}
	if err := s.line(map[string]any{"id": question.ID, "outputs": told}); err != nil {
		return err
	}
	for _, m := range outputs {
		if _, err := s.to.Write(m.Data); err != nil {
			return err
		}
	}
	if err := s.line(map[string]any{"end": question.ID}); err != nil {
		return err
	}
	return s.to.Flush()
}

// run asks the server, in several requests where one would be too long.
func (s *served) run(ctx context.Context, inputs []predictor.Memory) ([]predictor.Memory, error) {
	rows := int64(1)
	for i, m := range inputs {
		if s.session.inputs[i].counts() {
			rows = m.Shape[0]
			break
		}
	}
	outputs, known := make([]predictor.Memory, len(s.outputs)), true
	for i, t := range s.session.outputs {
		m := predictor.Memory{Element: datatypes[t.datatype], Shape: slices.Clone(t.shape)}
		if t.counts() {
			m.Shape[0] = rows
		}
		if n := volume(m.Shape); n >= 0 {
			m.Data = make([]byte, n*int64(m.Element.Size()))
		} else {
			known = false
		}
		outputs[i] = m
	}
	if !known { // as many as the numbers of the input say
		return s.session.Once(ctx, inputs, outputs)
	}
	b, err := s.session.Bind(inputs, outputs)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return outputs, b.Run(ctx)
}
