//go:build !cgo || windows

package litert

import (
	"errors"
	"runtime"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

const bindingName = "none"

// errNoBinding says why there is no LiteRT in this build.
var errNoBinding = noBinding(runtime.GOOS)

func noBinding(system string) error {
	if system == "windows" {
		return errors.New("LiteRT models need Linux or macOS, found Windows: there package process asks a Python program with ai-edge-litert, which has a wheel for it (amd64)")
	}
	return errors.New("LiteRT models need cgo, on Linux or macOS: build with CGO_ENABLED=1 and a C compiler, or make predictors with model.Func")
}

func startRuntime(string) error { return errNoBinding }

func startSession(loadable, []string, []string) (predictor.Session, error) { return nil, errNoBinding }
