package oip

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// byREST asks by HTTP, with numbers as JSON or, where binary, as bytes after the JSON.
type byREST struct {
	*endpoint
	client *http.Client
	base   string // of the model
	binary bool
}

// headerLength says how long the JSON is that binary tensors follow.
const headerLength = "Inference-Header-Content-Length"

// mostAnswer bounds what is read of an answer.
const mostAnswer = 1 << 30

func newREST(e *endpoint) transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = e.tls
	t.MaxIdleConnsPerHost = e.concurrency
	t.DisableCompression = true
	base := "/v2/models/" + url.PathEscape(e.model)
	if e.version != "" {
		base += "/versions/" + url.PathEscape(e.version)
	}
	client := &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &byREST{endpoint: e, client: client, base: base, binary: e.protocol == RESTBinary}
}

func (r *byREST) close() { r.client.CloseIdleConnections() }

// call sends a request and reads the whole answer to it.
func (r *byREST) call(ctx context.Context, path string, body []byte, header http.Header) (http.Header, []byte, error) {
	method, scheme := http.MethodGet, "http://"
	if body != nil {
		method = http.MethodPost
	}
	if r.tls != nil {
		scheme = "https://"
	}
	request, err := http.NewRequestWithContext(ctx, method, scheme+r.host+r.path+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	request.Header = header
	for key, values := range r.headers {
		if strings.EqualFold(key, "host") {
			request.Host = values[len(values)-1]
			continue
		}
		request.Header[key] = values
	}
	if r.token != "" {
		request.Header.Set("Authorization", "Bearer "+r.token)
	}
	response, err := r.client.Do(request)
	if err != nil {
		return nil, nil, r.broken(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer+1))
	if err != nil {
		return nil, nil, r.broken(ctx, err)
	}
	if len(text) > mostAnswer {
		return nil, nil, fmt.Errorf("expected an answer of at most %d bytes, found more", mostAnswer)
	}
	if response.StatusCode != http.StatusOK {
		return nil, nil, r.explain(response, text)
	}
	return response.Header, text, nil
}

// broken says why there is no answer.
func (r *byREST) broken(ctx context.Context, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which stands before
	}
	var network net.Error
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout() && ctx.Err() != nil:
		return r.late()
	case ctx.Err() != nil:
		return ctx.Err()
	case strings.Contains(err.Error(), "malformed HTTP"), strings.Contains(err.Error(), "readLoopPeekFailLocked"): // which net/http says of some
		return fmt.Errorf("expected a server of HTTP, found another: %s; %s", oneLine(err.Error()), r.errHint())
	case strings.Contains(err.Error(), "tls:") || strings.Contains(err.Error(), "x509:") || strings.Contains(err.Error(), "HTTP response to HTTPS"):
		return fmt.Errorf("expected a server whose certificate oip.TLS trusts, found another: %s", oneLine(err.Error()))
	}
	said := oneLine(err.Error())
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		said = "the connection was closed before the end of the answer"
	}
	return kindf(ErrUnavailable, "expected a server that answers, found none: %s", said)
}

// explain says what a status of HTTP means.
func (r *byREST) explain(response *http.Response, text []byte) error {
	said := messageOf(text)
	code := response.StatusCode
	low := strings.ToLower(said)
	switch {
	case code == http.StatusServiceUnavailable && strings.Contains(low, "not ready"):
		return r.notReady(said)
	case code == http.StatusServiceUnavailable:
		return kindf(ErrUnavailable, "expected a server that answers, found one that is not available (503): %s", said)
	case code == http.StatusNotFound && strings.Contains(low, "model"):
		return r.noModel(said)
	case code == http.StatusNotFound:
		return fmt.Errorf("expected a server of the Open Inference Protocol, version 2, with a model %q, found none at %s (404): %s", r.model, response.Request.URL.Path, said)
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return kindf(ErrRefused, "expected to be let in, found that the server refuses (%d): %s; oip.Token gives a token", code, said)
	case code == http.StatusRequestEntityTooLarge:
		return kindf(ErrRefused, "expected a request that the server takes, found one that is too large for it (413): %s; oip.MessageLimit says what it takes, oip.MaxBatch how many inputs are sent together", said)
	case code == http.StatusUnsupportedMediaType || r.binary && (code == http.StatusInternalServerError || code == http.StatusUnprocessableEntity):
		return kindf(ErrRefused, "expected a server that takes %s, found an error of it (%d): %s; oip.Protocol(oip.REST) and oip.Protocol(oip.GRPC) send otherwise", r.protocol, code, said)
	case code >= 400 && code < 500:
		return kindf(ErrRefused, "expected a request that the model takes, found that the server refuses (%d): %s", code, said)
	case code >= 300 && code < 400:
		return fmt.Errorf("expected an answer, found a redirection (%d) to %q", code, response.Header.Get("Location"))
	}
	return fmt.Errorf("expected an answer, found an error of the server (%d): %s", code, said)
}

// messageOf is what the body of an error says.
func messageOf(text []byte) string {
	var body map[string]json.RawMessage
	if json.Unmarshal(text, &body) == nil {
		for _, key := range []string{"error", "detail", "message"} {
			var one string
			if raw, ok := body[key]; ok {
				if json.Unmarshal(raw, &one) != nil {
					one = string(raw)
				}
				return oneLine(one)
			}
		}
	}
	return oneLine(string(text))
}

// get reads a JSON document.
func (r *byREST) get(ctx context.Context, path string, into any) error {
	header, text, err := r.call(ctx, path, nil, http.Header{})
	if err != nil {
		return err
	}
	return r.decode(header, text, into)
}

func (r *byREST) decode(header http.Header, text []byte, into any) error {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if kind != "application/json" && header.Get(headerLength) == "" { // KServe leaves the type of binary answers out
		return fmt.Errorf("expected an answer of the type application/json, found %q: %s", header.Get("Content-Type"), oneLine(string(text[:min(len(text), 200)])))
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("expected an answer as the Open Inference Protocol has it, found other JSON: %w", err)
	}
	return nil
}

func (r *byREST) server(ctx context.Context) (serverInfo, error) {
	var a struct{ Name, Version string }
	err := r.get(ctx, "/v2", &a)
	return serverInfo{a.Name, a.Version}, err
}

func (r *byREST) ready(ctx context.Context) error {
	_, text, err := r.call(ctx, r.base+"/ready", nil, http.Header{})
	if err != nil {
		return err
	}
	var a struct{ Ready *bool }
	if json.Unmarshal(text, &a) == nil && a.Ready != nil && !*a.Ready {
		return r.notReady("the server says so")
	}
	return nil
}

// restTensor is a tensor in JSON.
type restTensor struct {
	Name       string          `json:"name"`
	Shape      []int64         `json:"shape"`
	Datatype   string          `json:"datatype"`
	Parameters map[string]any  `json:"parameters,omitempty"`
	Data       json.RawMessage `json:"data,omitempty"`
}

func (r *byREST) metadata(ctx context.Context) (modelInfo, error) {
	var a struct {
		Name, Platform  string
		Versions        []string
		Inputs, Outputs []restTensor
	}
	err := r.get(ctx, r.base, &a)
	list := func(from []restTensor) (all []tensorInfo) {
		for _, t := range from {
			all = append(all, tensorInfo{t.Name, t.Datatype, t.Shape})
		}
		return all
	}
	return modelInfo{a.Name, a.Platform, a.Versions, list(a.Inputs), list(a.Outputs)}, err
}

type restRequest struct {
	ID         string         `json:"id"`
	Parameters map[string]any `json:"parameters,omitempty"`
	Inputs     []restTensor   `json:"inputs"`
	Outputs    []restOutput   `json:"outputs"`
}

type restOutput struct {
	Name       string         `json:"name"`
	Parameters map[string]any `json:"parameters,omitempty"`
}

func (r *byREST) infer(ctx context.Context, id string, inputs []tensor, outputs []string) (answered, error) {
	request := restRequest{ID: id}
	var tail []byte
	for _, t := range inputs {
		one := restTensor{Name: t.name, Shape: t.shape, Datatype: t.datatype}
		if r.binary {
			one.Parameters = map[string]any{"binary_data_size": len(t.data)}
			tail = append(tail, t.data...)
		} else {
			var err error
			if one.Data, err = appendNumbers(nil, t); err != nil {
				return answered{}, err
			}
		}
		request.Inputs = append(request.Inputs, one)
	}
	for _, name := range outputs {
		one := restOutput{Name: name}
		if r.binary {
			one.Parameters = map[string]any{"binary_data": true}
		}
		request.Outputs = append(request.Outputs, one)
	}
	if r.binary {
		request.Parameters = map[string]any{"binary_data_output": true}
	}
	body, err := json.Marshal(request)
	if err != nil {
		return answered{}, err
	}
	header := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}
	if r.binary {
		header = http.Header{"Content-Type": {"application/octet-stream"}, "Accept": {"application/octet-stream, application/json"}, headerLength: {strconv.Itoa(len(body))}}
	}
	header, text, err := r.call(ctx, r.base+"/infer", append(body, tail...), header)
	if err != nil {
		return answered{}, err
	}
	return r.read(header, text)
}

// read reads the answer to a request.
func (r *byREST) read(header http.Header, text []byte) (answered, error) {
	var tail []byte
	if n := header.Get(headerLength); n != "" {
		length, err := strconv.Atoi(n)
		if err != nil || length < 0 || length > len(text) {
			return answered{}, fmt.Errorf("expected a length of at most %d bytes in %s, found %q", len(text), headerLength, n)
		}
		text, tail = text[:length], text[length:]
	}
	var a struct {
		ID           string       `json:"id"`
		ModelVersion string       `json:"model_version"`
		Outputs      []restTensor `json:"outputs"`
	}
	if err := r.decode(header, text, &a); err != nil {
		return answered{}, err
	}
	found := answered{id: a.ID, version: a.ModelVersion}
	for _, o := range a.Outputs {
		t := tensor{name: o.Name, datatype: o.Datatype, shape: o.Shape}
		e, ok := datatypes[o.Datatype]
		size, binary := o.Parameters["binary_data_size"].(float64)
		switch {
		case binary && (size < 0 || int(size) > len(tail)):
			return answered{}, fmt.Errorf("expected %v bytes of numbers for the output %q, found %d", size, o.Name, len(tail))
		case binary:
			t.data, tail = slices.Clip(tail[:int(size)]), tail[int(size):]
		case ok && o.Datatype != "BYTES":
			var err error
			if t.data, err = readNumbers(e, o.Data); err != nil {
				return answered{}, fmt.Errorf("output %q: %w", o.Name, err)
			}
		}
		found.outputs = append(found.outputs, t)
	}
	return found, nil
}
