package model_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// failing keeps what a test failed with. As that of package testing, its Fatal does not return.
type failing struct {
	testing.TB
	lines   []string
	helpers int
}

func (f *failing) Helper() { f.helpers++ }

func (f *failing) Fatal(args ...any) {
	f.lines = append(f.lines, fmt.Sprint(args...))
	panic(f)
}

func TestTry(t *testing.T) {
	if got := model.Try(7, nil).OrFail(t); got != 7 {
		t.Errorf("expected 7, found %d", got)
	}
	f := &failing{TB: t}
	func() {
		defer func() {
			if recover() != f {
				t.Error("expected the test to end")
			}
		}()
		model.Try(7, errors.New("model.onnx: expected a file, found none")).OrFail(f)
		t.Error("expected no value")
	}()
	if len(f.lines) != 1 || f.lines[0] != "model.onnx: expected a file, found none" || f.helpers != 1 {
		t.Errorf("found %q from %d helpers", f.lines, f.helpers)
	}
}

// A file that is missing fails the test that needs it, with one line; the other tests run on.
func ExampleTry() {
	var t testing.TB = &failing{} // of the test: func TestModel(t *testing.T)

	image := model.Try(input.NewImage(2, 2, 1, []uint8{0, 80, 160, 240})).OrFail(t)
	fmt.Println(image.Data)
	// Output: [0 80 160 240]
}
