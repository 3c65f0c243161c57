package generators_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/inputtest"
)

// source is what a constructor of seeds returns, so that calls can be listed in tables.
type source struct {
	seeds input.Seeds
	err   error
}

func newSource(seeds input.Seeds, err error) source { return source{seeds, err} }

func (s source) open(t *testing.T) input.Seeds {
	t.Helper()
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.seeds
}

func mustSeed(t *testing.T, src input.Seeds, i int) input.Seed {
	t.Helper()
	seed, err := src.Seed(i)
	if err != nil {
		t.Fatal(err)
	}
	if err := seed.Input.Validate(); err != nil {
		t.Fatalf("%s: %v", seed.Name, err)
	}
	return seed
}

func wantSeed(t *testing.T, src input.Seeds, i int, want input.Seed) {
	t.Helper()
	if diff := cmp.Diff(want, mustSeed(t, src, i)); diff != "" {
		t.Errorf("seed %d (-want +got):\n%s", i, diff)
	}
}

// wantError expects all the parts in the message of an error.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("expected an error with %q, found none", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("expected %q in the error, found: %v", part, err)
		}
	}
}

func wantIndexErrors(t *testing.T, src input.Seeds) {
	t.Helper()
	for _, i := range []int{-1, src.Len()} {
		_, err := src.Seed(i)
		wantError(t, err, "expected an index")
	}
}

func bytesSeed(name string, label int, shape []int, values ...float32) input.Seed {
	return input.Seed{Input: input.Input{Shape: shape, Data: values, Domain: input.Bytes, Kind: inputtest.KindOf(shape)}, Label: label, Name: name}
}

func writeFile(t *testing.T, content []byte, path ...string) string {
	t.Helper()
	name := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func gzipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}
