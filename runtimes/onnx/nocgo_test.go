//go:build !cgo

package onnx_test

import (
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func TestOpenSaysHowToEnableCgo(t *testing.T) {
	_, err := onnx.Open("testdata/nchw-rgb.onnx", onnx.NoInstall())
	if err == nil || !strings.Contains(err.Error(), "CGO_ENABLED=1") || !strings.Contains(err.Error(), "model.Func") {
		t.Errorf("got %v", err)
	}
}
