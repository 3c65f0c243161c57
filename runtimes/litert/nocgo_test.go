//go:build !cgo || windows

package litert_test

import (
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/litert"
)

func TestOpenSaysHowToEnableCgo(t *testing.T) {
	_, err := litert.Open("testdata/tiny.tflite", litert.NoInstall())
	if err == nil || !strings.Contains(err.Error(), "CGO_ENABLED=1") || !strings.Contains(err.Error(), "model.Func") {
		t.Errorf("got %v", err)
	}
}
