//go:build !cgo || windows

package litert_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/litert"
)

func TestOpenSaysWhatToDo(t *testing.T) {
	_, err := litert.Open("testdata/tiny.tflite", litert.NoInstall())
	want := []string{"CGO_ENABLED=1", "model.Func"}
	if runtime.GOOS == "windows" { // where cgo is of no use
		want = []string{"found Windows", "package process", "ai-edge-litert"}
	}
	for _, words := range want {
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("got %v, expected %q in it", err, words)
		}
	}
}
