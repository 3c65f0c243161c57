package onnx

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// FuzzParseGraph feeds the reader of ONNX files anything: it must return, and what it accepts must
// stay readable when operator sets are dropped. Run it with -fuzzminimizetime=50x: to make each new input
// smaller takes Go a minute otherwise.
func FuzzParseGraph(f *testing.F) {
	files, err := filepath.Glob("testdata/*.onnx")
	if err != nil || len(files) == 0 {
		f.Fatalf("testdata: expected models, found %d and %v", len(files), err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	maps := appendBytes(appendBytes(appendBytes(nil, 1, []byte("p")), 2, []byte("maps")), 4, []byte("ZipMap"))
	maps = appendBytes(maps, 5, appendBytes(appendBytes(nil, 1, []byte("classlabels_strings")), 9, []byte("cat")))
	maps = appendBytes(maps, 7, []byte("ai.onnx.ml"))
	f.Add(appendBytes(nil, 7, appendBytes(appendBytes(nil, 1, maps), 12, appendBytes(nil, 1, []byte("maps"))))) // a list of maps
	f.Add([]byte{0x08, 0x08, 0x3a, 0x7f})                                                                       // a graph that is cut off
	f.Add([]byte{0x3a, 0x02, 0x0a, 0x7f})                                                                       // a node that is longer than its graph
	f.Add([]byte{0x3a, 0x08, 0x0a, 0x06, 0x2a, 0x04, 0x32, 0x02, 0x0a, 0x00})                                   // a subgraph
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})                       // an endless number
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := parseGraph(data)
		if err != nil {
			return
		}
		g.Explore()
		if _, after, err := unzipped(data, g); err != nil {
			t.Fatalf("unzipped: %v", err)
		} else {
			after.Explore()
			if len(after.Nodes) != len(g.Nodes) || len(after.Outputs) != len(g.Outputs) {
				t.Fatalf("without maps the file has %d nodes and %d outputs, expected %d and %d", len(after.Nodes), len(after.Outputs), len(g.Nodes), len(g.Outputs))
			}
		}
		unused := g.unusedOpsets()
		stripped, err := withoutOpsets(data, unused)
		if err != nil {
			t.Fatalf("withoutOpsets: %v", err)
		}
		if len(unused) == 0 && !bytes.Equal(stripped, data) {
			t.Fatal("dropping nothing changed the file")
		}
		again, err := parseGraph(stripped)
		if err != nil {
			t.Fatalf("the stripped file: %v", err)
		}
		if len(again.Nodes) != len(g.Nodes) || len(again.opsets) != len(g.opsets)-len(unused) {
			t.Fatalf("the stripped file has %d nodes and %d operator sets, expected %d and %d",
				len(again.Nodes), len(again.opsets), len(g.Nodes), len(g.opsets)-len(unused))
		}
	})
}

// FuzzPerturb reads anything as a model: the answer is an error, or the same copy each time.
func FuzzPerturb(f *testing.F) {
	for _, file := range []string{"testdata/nchw-rgb.onnx", "testdata/int8-io.onnx", "testdata/bgr.onnx"} {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		copied := func() ([]byte, string, error) {
			file, err := inMemory("fuzz.onnx", data)("")
			if err != nil {
				return nil, "", err
			}
			return perturb(file, 0.01, 1)
		}
		one, what, err := copied()
		if err != nil {
			return
		}
		if what == "" || bytes.Equal(one, data) {
			t.Errorf("nothing was done: %q", what)
		}
		if again, _, err := copied(); err != nil || !bytes.Equal(one, again) {
			t.Errorf("another copy, or %v", err)
		}
	})
}
