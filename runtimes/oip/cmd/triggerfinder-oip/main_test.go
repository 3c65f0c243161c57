package main

import (
	"context"
	"io"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for text, want := range map[string][3]string{
		"grpc://localhost:8081/classifier":                 {"grpc://localhost:8081", "classifier", ""},
		"grpcs://h:443/v2/models/a%20b/versions/2":         {"grpcs://h:443", "a b", "2"},
		"http://h:8080/v2/models/m":                        {"http://h:8080", "m", ""},
		"https://gateway/serving/x/v2/models/m/versions/7": {"https://gateway/serving/x", "m", "7"},
	} {
		address, name, version, err := split(text)
		if got := [3]string{address, name, version}; err != nil || got != want {
			t.Errorf("%s: found %q, %v, expected %q", text, got, err, want)
		}
	}
	for _, text := range []string{"localhost:8081", "grpc://localhost:8081", "grpc://h:1/a/b", "http://h/m", "http://h/v2/models/", "http://h/v2/models/m/versions/", "grpc://h:1/m?x=1", "grpc://h:1/%zz"} {
		if _, _, _, err := split(text); err == nil || !strings.Contains(err.Error(), "expected grpc://HOST:PORT/NAME or http://HOST:PORT/v2/models/NAME") {
			t.Errorf("%s: found %v", text, err)
		}
	}
}

func TestCommandLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                                          "expected one address, such as grpc://localhost:8081/classifier, found 0",
		"a b":                                       "found 2",
		"-ca /none grpc://h:1/m":                    "no such file",
		"-header X grpc://h:1/m":                    `expected "KEY: VALUE"`,
		"--retires 2 grpc://h:1/m":                  "--retires: there is no such flag; did you mean --retries?",
		"-timeout soon grpc://h:1/m":                `expected a time such as 10s or 1m, found "soon"`,
		"-timeout -1s grpc://h:1/m":                 "option Timeout: expected more than 0",
		"-message-limit 1 grpc://h:1/m":             "option MessageLimit",
		"-binary grpc://h:1/m":                      "REST with binary tensors",
		"-retries 0 grpc://127.0.0.1:1/m":           "expected a server that answers, found none",
		"-retries 0 http://127.0.0.1:1/v2/models/m": "expected a server that answers, found none",
	} {
		if err := run(context.Background(), strings.Fields(text), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: found %v, expected %q", text, err, want)
		}
	}
	for _, line := range []string{"-help", "--help", "grpc://h:1/m -h"} {
		var out strings.Builder
		if err := run(context.Background(), strings.Fields(line), &out); err != nil || !strings.Contains(out.String(), "triggerfinder-oip [flags] ADDRESS") || !strings.Contains(out.String(), "  --retries N") {
			t.Errorf("%s: found %v and\n%s", line, err, out.String())
		}
	}
}
