//go:build !cgo || windows

package litert

import (
	"errors"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

const bindingName = "none"

// errNoBinding says why there is no LiteRT in this build.
var errNoBinding = errors.New("LiteRT models need cgo, on Linux or macOS: build with CGO_ENABLED=1 and a C compiler, or make predictors with model.Func")

func startRuntime(string) error { return errNoBinding }

func startSession(loadable, []string, []string) (predictor.Session, error) { return nil, errNoBinding }
