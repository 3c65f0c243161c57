//go:build !cgo

package onnx

import (
	"errors"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

const bindingName = "none"

// errNoBinding says why there is no ONNX Runtime in this build.
var errNoBinding = errors.New("onnx: ONNX models need cgo: build with CGO_ENABLED=1 and a C compiler, or make predictors with model.Func")

func startRuntime(string) (version string, err error) { return "", errNoBinding }

func newSession([]byte, sessionSettings) (predictor.Session, error) { return nil, errNoBinding }
