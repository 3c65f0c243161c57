// Command triggerfinder-oip puts a model of a server of the Open Inference Protocol behind standard input and output, as docs/process-protocol.md
// says. The command triggerfinder starts it for --original and --compressed that are addresses; with flags of its own it stands in
// "process:triggerfinder-oip …".
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/triggerfinder/triggerfinder/runtimes/oip"
)

const usage = `triggerfinder-oip [flags] ADDRESS

Answers questions on standard input, as docs/process-protocol.md says, by a model of a server of the Open Inference
Protocol, version 2 (KServe, Triton, MLServer, OpenVINO Model Server, TorchServe). ADDRESS is one of

  grpc://HOST:PORT/NAME                       by gRPC with raw tensors, the fastest
  http://HOST:PORT/v2/models/NAME             by REST; what stands before /v2 is the path of a gateway
  grpcs://…, https://…                        with TLS
  …/versions/V                                one version of the model

A token in the variable TRIGGERFINDER_OIP_TOKEN is sent with each request.

  -binary               REST with binary tensors, where the server can
  -ca FILE              trust the certificates in it, PEM, and no others
  -header "KEY: VALUE"  sent with each request; may be there several times
  -timeout T            time for one request (default 30s)
  -retries N            how often a request is sent again where the server is not available (default 5)
  -message-limit BYTES  the largest message that the server takes or gives (default 4194304)
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Print(usage)
	case err != nil:
		fmt.Fprintf(os.Stderr, "triggerfinder-oip: %s\n", strings.TrimPrefix(err.Error(), "oip: "))
		stop()
		os.Exit(2)
	}
}

// run reads the command line and answers.
func run(ctx context.Context, args []string) error {
	set := flag.NewFlagSet("triggerfinder-oip", flag.ContinueOnError)
	set.SetOutput(discard{})
	var options []oip.Option
	option := func(o oip.Option) { options = append(options, o) }
	set.BoolFunc("binary", "", func(string) error { option(oip.Protocol(oip.RESTBinary)); return nil })
	set.Func("ca", "", func(file string) error {
		pem, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return errors.New("expected certificates in PEM, found none")
		}
		option(oip.TLS(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}))
		return nil
	})
	set.Func("header", "", func(text string) error {
		key, value, ok := strings.Cut(text, ":")
		if !ok {
			return errors.New(`expected "KEY: VALUE"`)
		}
		option(oip.Header(strings.TrimSpace(key), strings.TrimSpace(value)))
		return nil
	})
	set.Func("timeout", "", func(text string) error {
		d, err := time.ParseDuration(text)
		option(oip.Timeout(d))
		return err
	})
	retries := set.Int("retries", 5, "")
	limit := set.Int("message-limit", 4<<20, "")
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() != 1 {
		return fmt.Errorf("expected one address, such as grpc://localhost:8081/classifier, found %d: %q", set.NArg(), set.Args())
	}
	address, name, version, err := split(set.Arg(0))
	if err != nil {
		return err
	}
	option(oip.Retries(*retries))
	option(oip.MessageLimit(*limit))
	if version != "" {
		option(oip.Version(version))
	}
	if token := os.Getenv("TRIGGERFINDER_OIP_TOKEN"); token != "" {
		option(oip.Token(token))
	}
	return oip.Serve(ctx, os.Stdin, os.Stdout, address, name, options...)
}

// discard drops what package flag would print.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

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
