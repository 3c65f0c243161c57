package onnx

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/ortlib"
)

// providerNames are the execution providers that have a name here, with what ONNX Runtime calls them where it is asked by name.
var providerNames = map[string]string{
	"cpu": "", "cuda": "", "tensorrt": "", "coreml": "", "directml": "", "openvino": "",
	"xnnpack": "XNNPACK", "webgpu": "WebGPU", "qnn": "QNN", "vitisai": "VitisAI", "migraphx": "MIGraphX",
}

// wanted is the provider that the library has to have.
func (s *settings) wanted() string {
	return cmp.Or(s.withProvider, s.provider)
}

// onCPU reports whether no other execution provider than the processor's is asked for.
func (s *settings) onCPU() bool { return s.provider == "cpu" }

// settingsOfProvider are those that are passed on, in which options of this package have their place.
func (s *settings) settingsOfProvider(threads int) map[string]string {
	given := maps.Clone(s.providerSettings)
	if s.provider == "openvino" && given["load_config"] == "" {
		for key, value := range map[string]string{"device_type": "CPU", "num_of_threads": strconv.Itoa(threads)} {
			given[key] = cmp.Or(given[key], value)
		}
	}
	return given
}

// describeProvider is what a report keeps of it.
func (s *settings) describeProvider(kept map[string]string, threads int) {
	kept["provider"] = s.provider
	given := s.settingsOfProvider(threads)
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(given)) {
		parts = append(parts, key+"="+given[key])
	}
	if len(parts) > 0 {
		kept["provider_settings"] = strings.Join(parts, ", ")
	}
}

// sharedLibrary says which provider the library for both models of a pair has to have. A process has one library, and it is chosen with the
// first model.
func sharedLibrary(options []Option) (string, error) {
	var sides [2]*settings
	for i, as := range []predictor.Role{predictor.AsOriginal, predictor.AsCompressed} {
		_, s, err := predictor.SettingsOf("onnx", as, options)
		if err != nil {
			return "", err
		}
		sides[i] = s.withDefaults()
	}
	a, b := sides[0].wanted(), sides[1].wanted()
	needs := func(provider string) bool {
		name := ortlib.Package(provider)
		return name != "" && name != ortlib.Package("cpu")
	}
	if needs(a) && needs(b) && ortlib.Package(a) != ortlib.Package(b) && !namesLibrary(sides[:]...) {
		return "", fmt.Errorf("onnx: option ExecutionProvider: expected providers that one library has, found %q, which is in that of %s, and %q, which is in that of %s: "+
			"a process can use one; %s", a, ortlib.Package(a), b, ortlib.Package(b), anotherProcess)
	}
	switch {
	case needs(b):
		return b, nil
	case needs(a):
		return a, nil
	}
	return "", nil
}

// anotherProcess is the way out where one process would need two libraries.
const anotherProcess = "run one of the models in a program of its own (package process)"

// namesLibrary reports whether the user says which library to use, which may have any providers.
func namesLibrary(list ...*settings) bool {
	return os.Getenv(ortlib.EnvLibrary) != "" || os.Getenv(ortlib.EnvLibraryShared) != "" ||
		slices.ContainsFunc(list, func(s *settings) bool { return s.library != "" })
}

// providerError says that a library cannot run models on an execution provider.
type providerError struct {
	provider string
	err      error
}

func (e *providerError) Error() string {
	return fmt.Sprintf("execution provider %q: %v", e.provider, e.err)
}

// Unwrap is for errors.Is.
func (e *providerError) Unwrap() error { return e.err }

// providerFile is the file that has the provider, beside the library; "" for providers that are inside it.
func providerFile(provider, library string) string {
	name := ""
	switch provider {
	case "cuda", "tensorrt", "openvino":
		name = "libonnxruntime_providers_" + provider + ".so"
		if runtime.GOOS == "windows" {
			name = "onnxruntime_providers_" + provider + ".dll"
		}
	case "directml":
		name = "DirectML.dll"
	default:
		return ""
	}
	return filepath.Join(filepath.Dir(library), name)
}

// lacksProvider reports whether the library has not the provider, as far as files tell.
func lacksProvider(provider, library string) bool {
	file := providerFile(provider, library)
	if file == "" {
		return provider == "coreml" && runtime.GOOS != "darwin"
	}
	_, err := os.Stat(file)
	return err != nil
}

// checkProvider says what the provider lacks before ONNX Runtime fails for want of it, which it tells in part on standard error.
func checkProvider(provider string, info runtimeInfo) error {
	if lacksProvider(provider, info.library) {
		return withoutProvider(provider, info)
	}
	file := providerFile(provider, info.library)
	if file == "" {
		return nil
	}
	missing := missingLibraries(file)
	if len(missing) == 0 {
		return nil
	}
	return &providerError{provider, fmt.Errorf("expected what %s loads, found no %s on this machine: install %s, or put the folder that they are in into LD_LIBRARY_PATH",
		file, strings.Join(missing, ", "), map[string]string{
			"cuda":     "CUDA and cuDNN of the versions in these names",
			"tensorrt": "TensorRT, CUDA and cuDNN of the versions in these names",
			"openvino": "OpenVINO of the version in these names",
		}[provider])}
}

// withoutProvider is the error of a library that has not the provider.
func withoutProvider(provider string, info runtimeInfo) error {
	advice := "name one of your own by onnx.RuntimeLibrary or " + ortlib.EnvLibrary + ": no package that is installed here has it"
	if name := ortlib.Package(provider); name != "" {
		advice = fmt.Sprintf("the one of the Python package %s has it (%s), and is found or installed where neither onnx.RuntimeLibrary nor %s names another",
			name, strings.Join(ortlib.Platforms(provider), ", "), ortlib.EnvLibrary)
	}
	return &providerError{provider, fmt.Errorf("expected a library of ONNX Runtime that has it, found %s of version %s, which has not: %s", info.library, info.version, advice)}
}

// refusedProvider puts one error in place of those of ONNX Runtime for a provider that cannot be used.
func refusedProvider(provider string, info runtimeInfo, err error) error {
	text := predictor.CleanError(err).Error()
	for _, unknown := range []string{
		"not enabled in this build", "not supported in this build", "not support CoreML", "provider is not supported",
		"Failed to load shared library", "Unknown provider name",
	} {
		if strings.Contains(text, unknown) {
			return withoutProvider(provider, info)
		}
	}
	return &providerError{provider, fmt.Errorf("expected settings and a machine that it can use, found that ONNX Runtime %s (%s) says: %s", info.version, info.library, text)}
}

// checkLoaded refuses a provider that the library which is loaded has not.
func checkLoaded(provider string, info runtimeInfo) error {
	if name := ortlib.Package(provider); name == "" || name == ortlib.Package("cpu") || !lacksProvider(provider, info.library) {
		return nil
	}
	return fmt.Errorf("onnx: execution provider %q: expected a library that has it, found %s, which this process has loaded already: a process can use one. "+
		"Open the models that need %q before all others, or name its library for all of them by onnx.RuntimeLibrary or %s (ortlib.Resolve with Provider finds it); or %s",
		provider, info.library, provider, ortlib.EnvLibrary, anotherProcess)
}

// startOn loads the model on the provider that the options ask for. What ran there is "all", or "" where the processor runs some nodes.
func startOn(runnable []byte, s sessionSettings, o *settings) (opened predictor.Session, all bool, err error) {
	info := s.info
	if o.onCPU() {
		opened, err = newSession(runnable, s)
		return opened, false, err
	}
	if err := checkProvider(o.provider, info); err != nil {
		return nil, false, err
	}
	if o.provider == "openvino" && runtime.GOOS == "linux" && !strings.Contains(os.Getenv("GODEBUG"), "asyncpreemptoff=1") {
		// Opening the residual net of the fixtures 40 times ended 9 of 9 processes by SIGSEGV without it, and none of 3 with it.
		return nil, false, &providerError{o.provider, fmt.Errorf("expected the environment variable GODEBUG to have asyncpreemptoff=1 when the process starts, found %q: "+
			"OpenVINO does not bear the signals of Go's scheduler and, sooner or later, ends the process by SIGSEGV; set it, or %s", os.Getenv("GODEBUG"), anotherProcess)}
	}
	s.strict = true
	opened, strictErr := newSession(runnable, s)
	var refused *providerError
	if strictErr == nil || errors.As(strictErr, &refused) {
		return opened, true, strictErr
	}
	s.strict = false
	opened, err = newSession(runnable, s)
	switch {
	case err != nil:
		if other, cpuErr := newSession(runnable, onlyCPU(s)); cpuErr == nil {
			other.Close()
			err = &providerError{o.provider, fmt.Errorf("expected a model that it can run, as ONNX Runtime %s does on the CPU, found: %w", info.version, predictor.CleanError(err))}
		}
		return nil, false, err
	case o.noFallback:
		opened.Close()
		return nil, false, &providerError{o.provider, fmt.Errorf("expected it to run every node, since onnx.NoFallback says so, found nodes that it leaves to the CPU (%w)", predictor.CleanError(strictErr))}
	}
	return opened, false, nil
}

func onlyCPU(s sessionSettings) sessionSettings {
	s.provider, s.providerSettings = "cpu", nil
	return s
}
