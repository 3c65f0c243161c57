package onnx

import (
	"bytes"
	"os"
	"testing"
)

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
