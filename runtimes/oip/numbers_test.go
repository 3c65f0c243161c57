package oip

import (
	"bytes"
	"math"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// TestNumbersComeBackTheSame writes numbers of each type as JSON, and reads them.
func TestNumbersComeBackTheSame(t *testing.T) {
	data := make([]byte, 1600)
	for i := range data {
		data[i] = byte(i * 7919 >> 3)
	}
	for name, e := range datatypes {
		if name == "BYTES" || e == 4 || e == 12 || e == 13 {
			continue
		}
		some := bytes.Clone(data)
		for i := range len(some) / e.Size() {
			switch v := numberAt(e, some, i); {
			case math.IsNaN(v) || math.IsInf(v, 0):
				clear(some[i*e.Size() : (i+1)*e.Size()])
			case e == predictor.Bool:
				some[i] &= 1
			}
		}
		text, err := appendNumbers(nil, tensor{datatype: name, data: some})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := readNumbers(e, text)
		if err != nil || !bytes.Equal(got, some) {
			t.Errorf("%s: other numbers: %v", name, err)
		}
	}
	if _, err := appendNumbers(nil, tensor{name: "x", datatype: "FP32", data: []byte{0, 0, 0xc0, 0x7f}}); err == nil {
		t.Error("expected an error of NaN")
	}
	for _, wrong := range []string{"300", "-1", "1.5", "true", `"1"`, "1e99"} {
		if got, err := readNumbers(predictor.Uint8, []byte("["+wrong+"]")); err == nil {
			t.Errorf("UINT8 of %s: %v", wrong, got)
		}
	}
}

func FuzzReadNumbers(f *testing.F) {
	f.Add([]byte("[[1,2.5],[null,-3e2]]"), 1)
	f.Add([]byte("[true,false,1]"), 9)
	f.Fuzz(func(t *testing.T, text []byte, element int) {
		e := predictor.Element(element)
		if e.Size() == 4 && e != predictor.Float32 && e != predictor.Int32 {
			return
		}
		if data, err := readNumbers(e, text); err == nil && len(data)%e.Size() != 0 {
			t.Errorf("%d bytes", len(data))
		}
	})
}
