package litert

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzParse feeds the reader of .tflite files anything: it must return, and what it accepts can be described.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.tflite")
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
	f.Add([]byte("\x04\x00\x00\x00TFL3"))
	f.Add([]byte("\xff\xff\xff\xffTFL3\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parse(data)
		if err != nil {
			if s != nil && err.Error() == "" {
				t.Fatal("an error that says nothing")
			}
			return
		}
		_ = s.checkOperators()
		if a, b := content(data), content(data); a != b {
			t.Fatalf("two hashes of one file: %s, %s", a, b)
		}
		for at := -1; at < len(s.signatures); at++ {
			if at < 0 && len(s.signatures) > 0 {
				continue
			}
			g, inputs, outputs := s.tensors(at)
			in, err := g.ports(inputs)
			if err != nil {
				continue
			}
			out, err := g.ports(outputs)
			if err != nil {
				continue
			}
			if _, err := s.describe(g, inputs, outputs, in, out); err != nil {
				continue
			}
		}
		if m, ok := readMetadata(s.metadata[metadataKey]); ok {
			labelsIn(data, m, 0)
			normalizationNote(m)
		}
	})
}

// FuzzMetadata feeds the reader of metadata anything.
func FuzzMetadata(f *testing.F) {
	data, err := os.ReadFile("testdata/metadata.tflite")
	if err != nil {
		f.Fatal(err)
	}
	s, err := parse(data)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.metadata[metadataKey])
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, ok := readMetadata(data); ok {
			labelsIn(data, m, 0)
			normalizationNote(m)
		}
	})
}
