package oip

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// Open opens a model of a server. The address is that of gRPC, "host:port", or that of REST, "http://host:port" or "https://host", with the
// path that a gateway wants before /v2. The server is asked for the model's metadata, and whether it is ready, for as long as
// [Retries] says. Close it, or the pair that it is in, when it is done.
func Open(address, name string, options ...Option) (*Model, error) {
	o := newOpener()
	e, err := o.endpoint(predictor.Alone, address, name, options)
	if err != nil {
		return nil, err
	}
	m, err := predictor.Open(o.runtime(), e.String(), options)
	if err != nil {
		o.close()
		return nil, err
	}
	return &Model{m, o.sessions[predictor.Alone]}, nil
}

// OpenPair opens an original model and its compressed version of one server, or of two, see [Server]. The options apply to both, those in
// [Original] and [Compressed] to one of them:
//
//	oip.OpenPair("localhost:8081", "classifier", "classifier", oip.Original(oip.Version("1")), oip.Compressed(oip.Version("2")))
//
// A pair of models in different runtimes is made by [model.NewPair].
func OpenPair(address, originalName, compressedName string, options ...Option) (*model.Pair, error) {
	o := newOpener()
	first, err := o.endpoint(predictor.AsOriginal, address, originalName, options)
	if err != nil {
		return nil, err
	}
	second, err := o.endpoint(predictor.AsCompressed, address, compressedName, options)
	if err != nil {
		return nil, err
	}
	if first.name == second.name {
		for _, e := range o.endpoints {
			e.name += "-" + strings.NewReplacer(":", "-", "/", "-", "[", "", "]", "").Replace(e.host+e.path)
		}
	}
	a, b, name, err := predictor.OpenPair(o.runtime(), first.String(), second.String(), options)
	if err != nil {
		o.close()
		return nil, err
	}
	return model.NewPair(name, &Model{a, o.sessions[predictor.AsOriginal]}, &Model{b, o.sessions[predictor.AsCompressed]})
}

// opener opens the models of one call.
type opener struct {
	endpoints  map[predictor.Role]*endpoint
	sessions   map[predictor.Role]*session
	transports []transport
}

// close ends all connections, after an error.
func (o *opener) close() {
	for _, t := range o.transports {
		t.close()
	}
}

func newOpener() *opener {
	return &opener{endpoints: map[predictor.Role]*endpoint{}, sessions: map[predictor.Role]*session{}}
}

// endpoint is where the options say that a model is.
func (o *opener) endpoint(as predictor.Role, address, name string, options []Option) (*endpoint, error) {
	_, s, err := predictor.SettingsOf("oip", as, options)
	if err != nil {
		return nil, err
	}
	e, err := newEndpoint(s, address, name)
	switch {
	case err == nil:
		o.endpoints[as] = e
		return e, nil
	case as == predictor.Alone:
		return nil, fmt.Errorf("oip: %w", err)
	}
	return nil, fmt.Errorf("oip: %s model: %w", as, err)
}

func (o *opener) runtime() predictor.Runtime[settings] {
	return predictor.Runtime[settings]{Package: "oip", Elsewhere: true, Read: o.source}
}

// source asks for the metadata of a model, and says how it is asked.
func (o *opener) source(_ string, as predictor.Role, _ int, _ *settings) (predictor.Source, error) {
	e := o.endpoints[as]
	t, err := e.open()
	if err != nil {
		return predictor.Source{}, err
	}
	o.transports = append(o.transports, t)
	var told modelInfo
	var who serverInfo
	err = e.again(context.Background(), nil, func(ctx context.Context) (err error) {
		if told, err = t.metadata(ctx); err != nil {
			return err
		}
		return t.ready(ctx)
	})
	if err != nil {
		return predictor.Source{}, err
	}
	err = e.again(context.Background(), nil, func(ctx context.Context) (err error) {
		who, err = t.server(ctx)
		return err
	})
	if errors.Is(err, ErrUnavailable) {
		return predictor.Source{}, err
	}
	told.inputs, told.outputs = merge(told.inputs, e.inputs), merge(told.outputs, e.outputs)
	graph, err := describe(told)
	if err != nil {
		return predictor.Source{}, err
	}
	runtime := strings.TrimSpace(who.name + " " + who.version)
	if runtime == "" {
		runtime = "a server of the Open Inference Protocol"
	}
	d := model.Description{Name: e.name, Settings: map[string]string{
		"runtime": runtime, "protocol": string(e.protocol), "server": e.host + e.path, "model": e.model,
	}}
	for key, value := range map[string]string{"platform": told.platform, "version": e.version} {
		if value != "" {
			d.Settings[key] = value
		}
	}
	var notes []string
	if len(told.versions) > 1 && e.version == "" {
		notes = append(notes, fmt.Sprintf("the server has %d versions of it, %s, and chooses; oip.Version asks for one", len(told.versions), strings.Join(told.versions, ", ")))
	}
	start := func(inputs, outputs, _ []string) (predictor.Started, error) {
		s := newSession(e, t, named(told.inputs, inputs), named(told.outputs, outputs))
		o.sessions[as] = s
		return predictor.Started{Session: s, Description: d, Notes: notes}, nil
	}
	return predictor.Source{Graph: graph, Start: start}, nil
}

// named are the tensors of these names.
func named(list []tensorInfo, names []string) []tensorInfo {
	all := make([]tensorInfo, len(names))
	for i, name := range names {
		all[i] = list[slices.IndexFunc(list, func(t tensorInfo) bool { return t.name == name })]
	}
	return all
}

// describe is the model in the words of ONNX: one operation that nothing is known of.
func describe(told modelInfo) (*predictor.Graph, error) {
	var takes, gives []predictor.Value
	node := predictor.Node{Operator: "the model of a server", Domain: "oip"}
	for i, list := range [2][]tensorInfo{told.inputs, told.outputs} {
		word, option := [2]string{"inputs", "outputs"}[i], [2]string{"oip.InputTensor", "oip.OutputTensor"}[i]
		if len(list) == 0 {
			return nil, fmt.Errorf("expected the names, types and shapes of %s in the metadata, found none; %s tells them", word, option)
		}
		for k, t := range list {
			if t.name == "" || slices.ContainsFunc(list[:k], func(o tensorInfo) bool { return o.name == t.name }) {
				return nil, fmt.Errorf("expected %s of different names in the metadata, found %q twice or without one", word, t.name)
			}
			if _, ok := datatypes[t.datatype]; !ok {
				return nil, fmt.Errorf("expected types of the Open Inference Protocol in the metadata, such as FP32, found %s; %s tells another", t, option)
			}
			if err := t.check(); err != nil {
				return nil, fmt.Errorf("%w in the metadata; %s tells another shape", err, option)
			}
			if i == 0 {
				takes, node.Inputs = append(takes, t.describe()), append(node.Inputs, t.name)
			} else {
				gives, node.Outputs = append(gives, t.describe()), append(node.Outputs, t.name)
			}
		}
	}
	return predictor.NewGraph(takes, gives, []predictor.Node{node}, nil)
}
