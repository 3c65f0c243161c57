package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/bridge"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/options"
)

// opener opens the models of one call.
type opener struct {
	collected *collected
	pools     []*pool
}

func newOpener(list []Option) (*opener, error) {
	c, err := options.Collect("process", list)
	if err != nil {
		return nil, err
	}
	return &opener{collected: c}, nil
}

// close ends what was started for models that were not opened.
func (o *opener) close() {
	for _, p := range o.pools {
		p.close()
	}
}

// runtime starts the commands, in their order.
func (o *opener) runtime(commands ...[]string) bridge.Runtime {
	return bridge.Runtime{Package: "process", Elsewhere: true, Read: func(text, of string, _ int) (bridge.Source, error) {
		command := commands[len(o.pools)]
		if len(command) == 0 || command[0] == "" {
			return bridge.Source{}, errors.New("expected a command, the name of a program and its arguments, found none")
		}
		p, err := startAll(command, o.collected.Settings[options.Side(of)].withDefaults())
		if err != nil {
			return bridge.Source{}, err
		}
		o.pools = append(o.pools, p)
		source := p.source(text)
		if len(o.pools) == 2 && o.pools[0].hello.Name == p.hello.Name {
			source.Description.Name += "-compressed"
		}
		return source, nil
	}}
}

// source is the model that the greeting describes.
func (p *pool) source(text string) bridge.Source {
	hello := p.hello
	d := model.Description{Name: hello.Name, SHA256: hello.SHA256, Settings: map[string]string{"runtime": "a program"}}
	for name, value := range hello.Settings {
		d.Settings[name] = value
	}
	d.Settings["command"], d.Settings["copies"], d.Settings["protocol"] = text, strconv.Itoa(p.settings.copies), strconv.Itoa(Version)
	return bridge.Source{
		Graph: hello.graph(), Description: d, MaxBatch: hello.MaxBatch, Scores: hello.Scores, ClassNames: hello.Classes,
		Start: func(inputs, outputs []string) (bridge.Session, error) { return p.session(inputs, outputs), nil },
	}
}

// graph is one operation, of which nothing is known.
func (g *greeting) graph() bridge.Graph {
	all := bridge.Node{Operator: "Program", Domain: "process"}
	nodes := []bridge.Node{all}
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
	tensors := func(list []described, names *[]string) (tensors []bridge.Tensor) {
		for _, t := range list {
			*names = append(*names, t.Name)
			one := bridge.Tensor{Name: t.Name, Element: elements[t.Type], Type: t.Type}
			for i, d := range t.Shape {
				if i == 0 && d == (dimension{}) {
					d.name = batch // the first dimension counts inputs, in all of them
				}
				one.Shape = append(one.Shape, bridge.Dimension{Size: int(d.size), Name: d.name})
			}
			if t.Scale != 0 {
				one.Quantization = &bridge.Quantization{Scale: t.Scale, Zero: t.ZeroPoint}
			}
			tensors = append(tensors, one)
		}
		return tensors
	}
	graph := bridge.Graph{Inputs: tensors(g.Inputs, &all.Inputs), Outputs: tensors(g.Outputs, &all.Outputs)}
	nodes[0] = all
	for _, t := range g.Outputs {
		if slices.ContainsFunc(t.Shape[1:], func(d dimension) bool { return d.size == 0 && !sizes[d.name] }) {
			// As many as the numbers of the input say, as boxes are: the operator that is known for that.
			nodes = append(nodes, bridge.Node{Operator: "NonZero", Inputs: all.Inputs[:1]})
			break
		}
	}
	graph.Nodes = nodes
	return graph
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
	inputs   []bridge.Memory
	outputs  []wanted
}

// Bind implements [bridge.Session].
func (s *session) Bind(inputs, outputs []bridge.Memory) (bridge.Binding, error) {
	return s.bind(inputs, outputs)
}

func (s *session) bind(inputs, outputs []bridge.Memory) (*binding, error) {
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
func fits(t *tensor, m bridge.Memory) error {
	n, err := t.bytes()
	if err == nil && n != int64(len(m.Data)) {
		err = fmt.Errorf("expected %d bytes for %q of shape %v, found %d", n, t.Name, t.Shape, len(m.Data))
	}
	return err
}

// Run implements [bridge.Binding].
func (b *binding) Run(ctx context.Context) error {
	return b.session.pool.run(ctx, &b.question, b.inputs, b.outputs)
}

// Close implements [bridge.Binding].
func (b *binding) Close() {}

// Once implements [bridge.Session].
func (s *session) Once(ctx context.Context, inputs, outputs []bridge.Memory) ([]bridge.Memory, error) {
	b, err := s.bind(inputs, outputs)
	if err != nil {
		return nil, err
	}
	if err := b.Run(ctx); err != nil {
		return nil, err
	}
	found := make([]bridge.Memory, len(b.outputs))
	for i, w := range b.outputs {
		found[i] = w.Memory
	}
	return found, nil
}

// Close implements [bridge.Session].
func (s *session) Close() { s.pool.close() }
