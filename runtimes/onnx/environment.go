package onnx

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/ortlib"
)

// runtimeInfo says which ONNX Runtime runs.
type runtimeInfo struct {
	version, library string
}

// environment is the one ONNX Runtime of the process. It starts with the first model and stays.
var environment struct {
	sync.Mutex
	started bool
	info    runtimeInfo
}

// startEnvironment makes sure that ONNX Runtime is loaded.
func startEnvironment(s *settings) (runtimeInfo, error) {
	environment.Lock()
	defer environment.Unlock()
	if environment.started {
		return environment.info, checkLibrary(s, environment.info)
	}
	if errNoBinding != nil {
		return runtimeInfo{}, errNoBinding
	}
	info, err := resolveLibrary(s)
	if err != nil {
		return info, err
	}
	info.version, err = startRuntime(info.library)
	if err != nil {
		return info, fmt.Errorf("onnx: ONNX Runtime %s: %w", info.library, err)
	}
	environment.started, environment.info = true, info
	return info, nil
}

// checkLibrary refuses a second library.
func checkLibrary(s *settings, info runtimeInfo) error {
	if err := checkLoaded(s.wanted(), info); err != nil {
		return err
	}
	if s.runtimeVersion != "" && s.runtimeVersion != info.version {
		return fmt.Errorf("onnx: option RuntimeVersion: expected %s, which this process has loaded already, found %s: a process can use one", info.version, s.runtimeVersion)
	}
	if s.library == "" || samePath(s.library, info.library) {
		return nil
	}
	return fmt.Errorf("onnx: option RuntimeLibrary: expected %s, which this process has loaded already, found %s: a process can use one", info.library, s.library)
}

func samePath(a, b string) bool {
	if a == b {
		return true
	}
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

func resolveLibrary(s *settings) (runtimeInfo, error) {
	found, err := ortlib.Resolve(context.Background(), ortlib.Options{
		Library: s.library, Version: s.runtimeVersion, Provider: s.wanted(), NoInstall: s.noInstall, Progress: os.Stderr,
	})
	if err != nil && ortlib.Package(s.wanted()) != ortlib.Package("cpu") {
		return runtimeInfo{}, fmt.Errorf("onnx: execution provider %q: %w", s.wanted(), err)
	}
	if err != nil {
		return runtimeInfo{}, fmt.Errorf("onnx: %w", err)
	}
	return runtimeInfo{library: found.Path}, nil
}
