package oip

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// Option changes how a model is asked or read. Those about inputs and outputs are those of package onnx, and mean the same.
//
// # Preprocessing
//
// A search works on raw inputs, mostly 8-bit RGB images of the shape [height, width, channels]. A model gets
// (x*scale - mean) / std of them:
//
//	oip.Scale(1.0/255)                  // pixels in 0..1
//	oip.ImageInput(mean, std)           // x/255, then (x-mean)/std
//	oip.Mean(127.5), oip.Std(127.5)     // pixels in -1..1
//
// # Options for one model
//
// Options apply to both models of a pair, those inside [Original] and [Compressed] to one of them, and win over the others.
type Option = predictor.Option[settings]

// settings are what the options of this package add up to for one model.
type settings struct {
	address, version string
	protocol         WireProtocol // "" for that of the address
	tls              *tls.Config
	token            string
	headers          http.Header
	timeout          time.Duration // 0 for the default
	attempts         int           // 0 for the default
	concurrency      int           // 0 for the default
	limit            int           // bytes of a message; 0 for the default
	inputs, outputs  []tensorInfo
}

type own = predictor.Own[settings]

// withDefaults is what they add up to where nothing else is said.
func (s settings) withDefaults() *settings {
	s.timeout = cmp.Or(s.timeout, 30*time.Second)
	s.attempts = cmp.Or(s.attempts, 6)
	s.concurrency = cmp.Or(s.concurrency, 8)
	s.limit = cmp.Or(s.limit, 4<<20)
	return &s
}

// Original makes options apply to the original model of a pair only.
func Original(list ...Option) Option { return predictor.Original(list...) }

// Compressed makes options apply to the compressed model of a pair only.
func Compressed(list ...Option) Option { return predictor.Compressed(list...) }

// WireProtocol is how requests go to the server.
type WireProtocol string

// The protocols. GRPC sends tensors as raw bytes, and is the fastest by far. REST sends numbers as JSON text, with every digit that a
// float32 or float64 needs to come back the same. RESTBinary sends raw bytes by HTTP, which some servers have (KServe, Triton, OpenVINO
// Model Server) and others not (MLServer).
const (
	GRPC       WireProtocol = "gRPC"
	REST       WireProtocol = "REST"
	RESTBinary WireProtocol = "REST with binary tensors"
)

// Protocol chooses how requests go to the server. The default is [GRPC], and [REST] for an address that begins with http:// or https://.
func Protocol(p WireProtocol) Option {
	return own(func(s *settings) error {
		if p != GRPC && p != REST && p != RESTBinary {
			return fmt.Errorf("option Protocol: expected GRPC, REST or RESTBinary, found %q", string(p))
		}
		s.protocol = p
		return nil
	})
}

// Server is the address for one model of a pair that stands on another server: see [Open].
func Server(address string) Option {
	return own(func(s *settings) error {
		if address == "" {
			return errors.New(`option Server: expected an address such as "localhost:8081", found ""`)
		}
		s.address = address
		return nil
	})
}

// Version asks for one version of the model. Without it the server chooses.
func Version(version string) Option {
	return own(func(s *settings) error {
		if version == "" {
			return errors.New(`option Version: expected a version, found ""`)
		}
		s.version = version
		return nil
	})
}

// TLS encrypts what goes to the server. A nil config trusts the certificates that the system trusts. An address that begins with
// https:// needs it for other certificates only.
func TLS(config *tls.Config) Option {
	return own(func(s *settings) error {
		if config == nil {
			config = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		s.tls = config.Clone()
		return nil
	})
}

// Token is sent with every request, as "Authorization: Bearer token". Without TLS anybody on the way can read it: then it is sent to
// this machine only, and another address is an error.
func Token(token string) Option {
	return own(func(s *settings) error {
		if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return errors.New("option Token: expected a token of printable characters without spaces, found another text")
		}
		s.token = token
		return nil
	})
}

// Header is sent with every request: a header of HTTP or, by gRPC, metadata. Gateways may want some, such as "Host" or that of a tenant.
func Header(key, value string) Option {
	return own(func(s *settings) error {
		if key == "" || strings.ContainsFunc(key, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
		}) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
			return fmt.Errorf("option Header: expected letters, digits and -_. as name and printable characters as value, found %q and %d bytes", key, len(value))
		}
		if s.headers = s.headers.Clone(); s.headers == nil {
			s.headers = http.Header{}
		}
		s.headers.Add(key, value)
		return nil
	})
}

// Timeout is how long one request may take, 30 s by default. An answer that takes longer is an error, and is not asked for again.
func Timeout(d time.Duration) Option {
	return own(func(s *settings) error {
		if d <= 0 {
			return fmt.Errorf("option Timeout: expected more than 0, found %v", d)
		}
		s.timeout = d
		return nil
	})
}

// Retries is how often a request is sent again where the server is not available (UNAVAILABLE of gRPC, 503, connections that are
// refused or break), after 0.1 s, 0.2 s, 0.4 s and so on up to 5 s. The default is 5; 0 does not. Whatever else the server says, nothing is
// sent twice.
func Retries(n int) Option {
	return own(func(s *settings) error {
		if n < 0 {
			return fmt.Errorf("option Retries: expected at least 0, found %d", n)
		}
		s.attempts = n + 1
		return nil
	})
}

// Concurrency is how many requests may be under way at the same time, 8 by default.
func Concurrency(n int) Option {
	return own(func(s *settings) error {
		if n < 1 {
			return fmt.Errorf("option Concurrency: expected at least 1, found %d", n)
		}
		s.concurrency = n
		return nil
	})
}

// MessageLimit is the largest message that the server takes or gives, in bytes: larger batches go in several requests. The default is
// that of most servers, 4 MiB. Headers and names are counted in.
func MessageLimit(bytes int) Option {
	return own(func(s *settings) error {
		if bytes < 1<<16 {
			return fmt.Errorf("option MessageLimit: expected at least 65536 bytes, found %d", bytes)
		}
		s.limit = bytes
		return nil
	})
}

// InputTensor tells an input that the metadata leave out or tell wrongly: its name, its type as the protocol calls it, such as "FP32", and
// its shape with the batch, where -1 is open. It stands in place of the input of that name, or after the others.
func InputTensor(name, datatype string, shape ...int) Option {
	return own(func(s *settings) error {
		return addTensor(&s.inputs, "InputTensor", name, datatype, shape)
	})
}

// OutputTensor tells an output that the metadata leave out or tell wrongly, as [InputTensor] tells an input.
func OutputTensor(name, datatype string, shape ...int) Option {
	return own(func(s *settings) error {
		return addTensor(&s.outputs, "OutputTensor", name, datatype, shape)
	})
}

func addTensor(list *[]tensorInfo, option, name, datatype string, shape []int) error {
	t := tensorInfo{name: name, datatype: datatype}
	for _, d := range shape {
		t.shape = append(t.shape, int64(d))
	}
	if _, ok := datatypes[datatype]; !ok || name == "" || len(shape) == 0 {
		return fmt.Errorf("option %s: expected a name, a type such as FP32 and a shape such as -1, 10, found %q, %q and %v", option, name, datatype, shape)
	}
	if err := t.check(); err != nil {
		return fmt.Errorf("option %s: %w", option, err)
	}
	*list = append(slices.Clip(*list), t)
	return nil
}
