package oip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// transport is one way to ask a server about one model.
type transport interface {
	server(ctx context.Context) (serverInfo, error)
	ready(ctx context.Context) error
	metadata(ctx context.Context) (modelInfo, error)
	infer(ctx context.Context, id string, inputs []tensor, outputs []string) (answered, error)
	close()
}

type serverInfo struct{ name, version string }

type modelInfo struct {
	name, platform  string
	versions        []string
	inputs, outputs []tensorInfo
}

// tensor is a tensor with its numbers, as little-endian bytes.
type tensor struct {
	name, datatype string
	shape          []int64
	data           []byte
}

// answered is the answer to a request.
type answered struct {
	id, version string
	outputs     []tensor
}

// endpoint is where a model is, and how it is asked.
type endpoint struct {
	*settings
	host, path, model string
	name              string // in reports
}

// newEndpoint reads an address.
func newEndpoint(said *settings, address, model string) (*endpoint, error) {
	s := said.withDefaults()
	if s.address != "" {
		address = s.address
	}
	if model == "" || strings.ContainsFunc(model, func(r rune) bool { return r < ' ' }) {
		return nil, fmt.Errorf("expected the name of a model on the server, found %q", model)
	}
	e := &endpoint{settings: s, host: address, model: model}
	if scheme, rest, ok := strings.Cut(address, "://"); ok {
		switch scheme {
		case "http", "https":
			if e.protocol == GRPC {
				return nil, fmt.Errorf("expected an address such as %q for gRPC, found %q", "localhost:8081", address)
			}
			if e.protocol == "" {
				e.protocol = REST
			}
		case "grpc", "grpcs":
			if e.protocol != "" && e.protocol != GRPC {
				return nil, fmt.Errorf("expected an address such as %q for %s, found %q", "http://localhost:8080", e.protocol, address)
			}
		default:
			return nil, fmt.Errorf("expected an address such as \"localhost:8081\", \"grpcs://host:443\" or \"https://host\", found %q", address)
		}
		if strings.HasSuffix(scheme, "s") && e.tls == nil {
			_ = TLS(nil).(own)(e.settings)
		}
		if !strings.HasSuffix(scheme, "s") && e.tls != nil {
			return nil, fmt.Errorf("expected an address of a server with TLS, as oip.TLS says, found %q", address)
		}
		u, err := url.Parse("http://" + rest)
		if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return nil, fmt.Errorf("expected a host and a port in the address, found %q", address)
		}
		e.host, e.path = u.Host, strings.TrimSuffix(u.EscapedPath(), "/")
		if _, _, err := net.SplitHostPort(e.host); err != nil {
			switch scheme {
			case "http":
				e.host = net.JoinHostPort(u.Hostname(), "80")
			case "https", "grpcs":
				e.host = net.JoinHostPort(u.Hostname(), "443")
			}
		}
	}
	if e.protocol == "" {
		e.protocol = GRPC
	}
	if e.path != "" && e.protocol == GRPC {
		return nil, fmt.Errorf("expected a host and a port for gRPC, found the path %q in %q", e.path, address)
	}
	e.path = strings.TrimSuffix(e.path, "/v2") // the protocol's own prefix
	if host, port, err := net.SplitHostPort(e.host); err != nil || host == "" || port == "" || strings.ContainsAny(e.host, "/ ") {
		return nil, fmt.Errorf("expected an address with a host and a port, such as \"localhost:8081\", found %q", address)
	}
	if e.token != "" && e.tls == nil && !e.local() {
		return nil, fmt.Errorf("expected oip.TLS beside oip.Token, since anybody on the way to %s could read the token, found none", e.host)
	}
	e.name = strings.ReplaceAll(e.model, "/", "-")
	if e.version != "" {
		e.name += "-" + e.version
	}
	return e, nil
}

// local reports whether the server is on this machine.
func (e *endpoint) local() bool {
	host, _, _ := net.SplitHostPort(e.host)
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// String is the model for messages.
func (e *endpoint) String() string {
	if e.version != "" {
		return fmt.Sprintf("%s version %s at %s", e.model, e.version, e.host+e.path)
	}
	return fmt.Sprintf("%s at %s", e.model, e.host+e.path)
}

func (e *endpoint) open() (transport, error) {
	if e.protocol == GRPC {
		return newGRPC(e)
	}
	return newREST(e), nil
}

// noModel is the error of a server that has no such model.
func (e *endpoint) noModel(said string) error {
	what := fmt.Sprintf("a model %q", e.model)
	if e.version != "" {
		what = fmt.Sprintf("a version %q of the model %q", e.version, e.model)
	}
	return kindf(ErrNoModel, "expected %s on the server, found no such model: %s", what, oneLine(said))
}

func (e *endpoint) notReady(said string) error {
	return kindf(ErrNotReady, "expected the model to be ready, found it not: %s", oneLine(said))
}

func (e *endpoint) late() error {
	return kindf(ErrTimeout, "expected an answer within %v, found none; oip.Timeout gives more time", e.timeout)
}

// errHint is what may be wrong where a server does not speak the protocol that it is asked by.
func (e *endpoint) errHint() string {
	if e.protocol == GRPC {
		return "is this the port of gRPC? oip.Protocol(oip.REST) asks by HTTP"
	}
	return "is this the port of HTTP? oip.Protocol(oip.GRPC) asks by gRPC"
}

// pause is how long to wait before the n-th repetition.
func pause(n int) time.Duration {
	return min(100*time.Millisecond<<min(n, 10), 5*time.Second)
}

// over reports whether the time of a context is over, but for a moment: a server that knows the deadline may tell so before the
// context does.
func over(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && time.Until(deadline) < 50*time.Millisecond
}

// again repeats what fails since the server is not available, and where waiting may help.
func (e *endpoint) again(ctx context.Context, repeated func(), do func(ctx context.Context) error) error {
	for n := 0; ; n++ {
		once, cancel := context.WithTimeout(ctx, e.timeout)
		err := do(once)
		cancel()
		if err != nil && ctx.Err() != nil {
			return ctx.Err() // that of the search, not of this request
		}
		if errors.Is(err, ErrTimeout) && over(ctx) {
			return context.DeadlineExceeded
		}
		if err == nil || !errors.Is(err, ErrUnavailable) && !errors.Is(err, ErrNotReady) {
			return err
		}
		if n+1 == e.attempts {
			if n > 0 {
				return &kindError{errors.Unwrap(err), fmt.Sprintf("%v (in %d attempts)", err, n+1)}
			}
			return err
		}
		if repeated != nil {
			repeated()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause(n)):
		}
	}
}
