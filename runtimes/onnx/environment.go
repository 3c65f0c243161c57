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
func startEnvironment(c *config) (runtimeInfo, error) {
	environment.Lock()
	defer environment.Unlock()
	if environment.started {
		return environment.info, checkLibrary(c, environment.info)
	}
	if errNoBinding != nil {
		return runtimeInfo{}, errNoBinding
	}
	info, err := resolveLibrary(c)
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
func checkLibrary(c *config, info runtimeInfo) error {
	if c.runtimeVersion != "" && c.runtimeVersion != info.version {
		return fmt.Errorf("onnx: option RuntimeVersion: expected %s, which this process has loaded already, found %s: a process can use one", info.version, c.runtimeVersion)
	}
	if c.library == "" || samePath(c.library, info.library) {
		return nil
	}
	return fmt.Errorf("onnx: option RuntimeLibrary: expected %s, which this process has loaded already, found %s: a process can use one", info.library, c.library)
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

func resolveLibrary(c *config) (runtimeInfo, error) {
	found, err := ortlib.Resolve(context.Background(), ortlib.Options{
		Library: c.library, Version: c.runtimeVersion, NoInstall: c.noInstall, Progress: os.Stderr,
	})
	if err != nil {
		return runtimeInfo{}, fmt.Errorf("onnx: %w", err)
	}
	return runtimeInfo{library: found.Path}, nil
}
