package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// opener opens the models of one call.
type opener struct{ pools []*pool }

// close ends what was started for models that were not opened.
func (o *opener) close() {
	for _, p := range o.pools {
		p.close()
	}
}

// runtime starts the commands, in their order.
func (o *opener) runtime(commands ...[]string) predictor.Runtime[settings] {
	return predictor.Runtime[settings]{Package: "process", Elsewhere: true, Read: func(text string, _ predictor.Role, _ int, s *settings) (predictor.Source, error) {
		command := commands[len(o.pools)]
		if len(command) == 0 || command[0] == "" {
			return predictor.Source{}, errors.New("expected a command, the name of a program and its arguments, found none")
		}
		p, err := startAll(command, s.withDefaults())
		if err != nil {
			return predictor.Source{}, err
		}
		o.pools = append(o.pools, p)
		name := p.hello.Name
		if len(o.pools) == 2 && o.pools[0].hello.Name == name {
			name += "-compressed"
		}
		return p.source(text, name)
	}}
}

// source is the model that the greeting describes.
func (p *pool) source(text, name string) (predictor.Source, error) {
	hello := p.hello
	graph, err := hello.graph()
	if err != nil {
		return predictor.Source{}, err
	}
	graph.ClassNames = hello.Classes
	d := model.Description{Name: name, SHA256: hello.SHA256, Settings: map[string]string{"runtime": "a program"}}
	for name, value := range hello.Settings {
		d.Settings[name] = value
	}
	d.Settings["command"], d.Settings["copies"], d.Settings["protocol"] = text, strconv.Itoa(p.settings.copies), strconv.Itoa(Version)
	start := func(inputs, outputs, _ []string) (predictor.Started, error) {
		return predictor.Started{Session: p.session(inputs, outputs), Description: d}, nil
	}
	return predictor.Source{Graph: graph, MaxBatch: hello.MaxBatch, Scores: predictor.ScoreKind(hello.Scores), Start: start}, nil
}

// graph is one operation, of which nothing is known.
func (g *greeting) graph() (*predictor.Graph, error) {
	all := predictor.Node{Operator: "Program", Domain: "process"}
	nodes := []predictor.Node{all}
	sizes := map[string]bool{} // open ones that the inputs tell
	batch := "batch"
	for _, t := range g.Inputs {
		for i, d := range t.Shape {
			sizes[d.name] = d.name != ""
			if i == 0 && d.name != "" {
				batch = d.name
			}
		}
	}
	tensors := func(list []described, names *[]string) (tensors []predictor.Value) {
		for _, t := range list {
			*names = append(*names, t.Name)
			one := predictor.NewTensor(t.Name, elements[t.Type], t.Type)
			for i, d := range t.Shape {
				if i == 0 && d == (dimension{}) {
					d.name = batch // the first dimension counts inputs, in all of them
				}
				one.Shape = append(one.Shape, predictor.Dimension{Size: int(d.size), Name: d.name})
			}
			if t.Scale != 0 {
				one.Quantization = &predictor.Quantization{Scale: t.Scale, Zero: t.ZeroPoint}
			}
			tensors = append(tensors, one)
		}
		return tensors
	}
	inputs, outputs := tensors(g.Inputs, &all.Inputs), tensors(g.Outputs, &all.Outputs)
	nodes[0] = all
	for _, t := range g.Outputs {
		if slices.ContainsFunc(t.Shape[1:], func(d dimension) bool { return d.size == 0 && !sizes[d.name] }) {
			// As many as the numbers of the input say, as boxes are: the operator that is known for that.
			nodes = append(nodes, predictor.Node{Operator: "NonZero", Inputs: all.Inputs[:1]})
			break
		}
	}
	return predictor.NewGraph(inputs, outputs, nodes, nil)
}

// session is what runs of a model have in common.
type session struct {
	pool    *pool
	inputs  []described
	outputs []described
}

func (p *pool) session(inputs, outputs []string) *session {
	choose := func(names []string, from []described) (chosen []described) {
		for _, name := range names {
			chosen = append(chosen, from[slices.IndexFunc(from, func(t described) bool { return t.Name == name })])
		}
		return chosen
	}
	return &session{p, choose(inputs, p.hello.Inputs), choose(outputs, p.hello.Outputs)}
}

// binding is a question that can be asked again, about other numbers in the same memory.
type binding struct {
	session  *session
	question question
	inputs   []predictor.Memory
	outputs  []wanted
}

// Bind implements [predictor.Session].
func (s *session) Bind(inputs, outputs []predictor.Memory) (predictor.Binding, error) {
	return s.bind(inputs, outputs)
}

func (s *session) bind(inputs, outputs []predictor.Memory) (*binding, error) {
	b := &binding{session: s, inputs: inputs}
	for i, m := range inputs {
		t := tensor{s.inputs[i].Name, s.inputs[i].Type, m.Shape}
		if err := fits(&t, m); err != nil {
			return nil, err
		}
		b.question.Inputs = append(b.question.Inputs, t)
	}
	for i, m := range outputs {
		if m.Data != nil {
			if err := fits(&tensor{s.outputs[i].Name, s.outputs[i].Type, m.Shape}, m); err != nil {
				return nil, err
			}
		}
		b.outputs = append(b.outputs, wanted{s.outputs[i].Name, m})
	}
	return b, nil
}

// fits holds a tensor against its memory.
func fits(t *tensor, m predictor.Memory) error {
	n, err := t.bytes()
	if err == nil && n != int64(len(m.Data)) {
		err = fmt.Errorf("expected %d bytes for %q of shape %v, found %d", n, t.Name, t.Shape, len(m.Data))
	}
	return err
}

// Run implements [predictor.Binding].
func (b *binding) Run(ctx context.Context) error {
	return b.session.pool.run(ctx, &b.question, b.inputs, b.outputs)
}

// Close implements [predictor.Binding].
func (b *binding) Close() {}

// Once implements [predictor.Session].
func (s *session) Once(ctx context.Context, inputs, outputs []predictor.Memory) ([]predictor.Memory, error) {
	b, err := s.bind(inputs, outputs)
	if err != nil {
		return nil, err
	}
	if err := b.Run(ctx); err != nil {
		return nil, err
	}
	found := make([]predictor.Memory, len(b.outputs))
	for i, w := range b.outputs {
		found[i] = w.Memory
	}
	return found, nil
}

// Close implements [predictor.Session].
func (s *session) Close() { s.pool.close() }
