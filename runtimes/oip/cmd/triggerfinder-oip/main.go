// Command triggerfinder-oip puts a model of a server of the Open Inference Protocol behind standard input and output, as docs/process-protocol.md
// says. The command triggerfinder starts it for --original and --compressed that are addresses; with flags of its own it stands in
// "process:triggerfinder-oip …".
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
	"github.com/triggerfinder/triggerfinder/runtimes/oip"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "triggerfinder-oip: %s\n", strings.TrimPrefix(err.Error(), "oip: "))
		stop()
		os.Exit(2)
	}
}

// asking is what the command line says of how a server is asked.
type asking struct {
	*commandline.Flags
	binary         bool
	ca             *x509.CertPool
	headers        [][2]string
	timeout        time.Duration
	retries, limit int
}

func define() *asking {
	a := &asking{Flags: commandline.NewFlags(""), timeout: 30 * time.Second, retries: 5, limit: 4 << 20}
	a.Switch("binary", "REST with binary tensors, where the server can", &a.binary)
	commandline.Define(a.Flags, "ca", "FILE", "trust the certificates in it, PEM, and no others", &a.ca, "", readCertificates).Files("pem", "crt")
	commandline.Define(a.Flags, "header", `"KEY: VALUE"`, "sent with each request; may be there several times", &a.headers, "", func(text string) ([][2]string, error) {
		key, value, ok := strings.Cut(text, ":")
		if !ok {
			return nil, spelling.Expected(`"KEY: VALUE"`, text)
		}
		return append(a.headers, [2]string{strings.TrimSpace(key), strings.TrimSpace(value)}), nil
	})
	commandline.Define(a.Flags, "timeout", "T", "time for one request (default 30s)", &a.timeout, a.timeout.String(), func(text string) (time.Duration, error) {
		d, err := time.ParseDuration(text)
		if err != nil {
			return 0, spelling.Expected("a time such as 10s or 1m", text)
		}
		return d, nil
	})
	a.Count("retries", "how often a request is sent again where the server is not available (default 5)", &a.retries, 0)
	commandline.Define(a.Flags, "message-limit", "BYTES", "the largest message that the server takes or gives (default 4194304)", &a.limit, "4194304",
		func(text string) (int, error) { return spelling.Count(text, 0) })
	return a
}

func readCertificates(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: expected certificates in PEM, found none", file)
	}
	return pool, nil
}

// run reads the command line and answers.
func run(ctx context.Context, args []string, out io.Writer) error {
	a := define()
	p := &commandline.Program{Name: "triggerfinder-oip", Out: out, Only: &commandline.Command{Usage: "[flags] ADDRESS", Flags: a.Flags,
		About: `Answers questions on standard input, as docs/process-protocol.md says, by a model of a server of the Open Inference
Protocol, version 2 (KServe, Triton, MLServer, OpenVINO Model Server, TorchServe). ADDRESS is one of

  grpc://HOST:PORT/NAME                       by gRPC with raw tensors, the fastest
  http://HOST:PORT/v2/models/NAME             by REST; what stands before /v2 is the path of a gateway
  grpcs://…, https://…                        with TLS
  …/versions/V                                one version of the model

A token in the variable TRIGGERFINDER_OIP_TOKEN is sent with each request.`,
		Run: func(args []string) (int, error) { return 0, a.serve(ctx, args) }}}
	_, err := p.Run(args)
	return err
}

// serve answers on standard output.
func (a *asking) serve(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("expected one address, such as grpc://localhost:8081/classifier, found %d: %q", len(args), args)
	}
	address, name, version, err := split(args[0])
	if err != nil {
		return err
	}
	options := []oip.Option{oip.Timeout(a.timeout), oip.Retries(a.retries), oip.MessageLimit(a.limit)}
	if a.binary {
		options = append(options, oip.Protocol(oip.RESTBinary))
	}
	if a.ca != nil {
		options = append(options, oip.TLS(&tls.Config{RootCAs: a.ca, MinVersion: tls.VersionTLS12}))
	}
	for _, h := range a.headers {
		options = append(options, oip.Header(h[0], h[1]))
	}
	if version != "" {
		options = append(options, oip.Version(version))
	}
	if token := os.Getenv("TRIGGERFINDER_OIP_TOKEN"); token != "" {
		options = append(options, oip.Token(token))
	}
	return oip.Serve(ctx, os.Stdin, os.Stdout, address, name, options...)
}

// split tells the server from the model.
func split(text string) (address, name, version string, err error) {
	wrong := func() error {
		return fmt.Errorf("expected grpc://HOST:PORT/NAME or http://HOST:PORT/v2/models/NAME, with /versions/V at the end or without, found %q", text)
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return "", "", "", wrong()
	}
	host, path, _ := strings.Cut(rest, "/")
	path = strings.Trim(path, "/")
	before, after, ok := strings.Cut("/"+path, "/v2/models/")
	switch {
	case ok:
		path = after
	case strings.HasPrefix(scheme, "grpc"):
		before = ""
	default:
		return "", "", "", wrong()
	}
	if path, version, ok = strings.Cut(path, "/versions/"); ok && version == "" || path == "" || strings.Contains(path+version, "/") || strings.ContainsAny(text, "?#") {
		return "", "", "", wrong()
	}
	if name, err = url.PathUnescape(path); err == nil {
		version, err = url.PathUnescape(version)
	}
	if err != nil {
		return "", "", "", wrong()
	}
	return scheme + "://" + host + before, name, version, nil
}
