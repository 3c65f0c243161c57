//go:build cgo

package onnx

import (
	"fmt"
	"os"

	ort "github.com/yalue/onnxruntime_go"
)

const bindingName = "github.com/yalue/onnxruntime_go"

const noTelemetry = "ORT_DISABLE_TELEMETRY"

// errNoBinding says why there is no ONNX Runtime in this build.
var errNoBinding error

// startRuntime loads the library, once in the life of the process.
func startRuntime(library string) (version string, err error) {
	// Official builds of ONNX Runtime since 1.29 send usage data, model names among them, unless this
	// is set when they start. A test is no place for that.
	if _, set := os.LookupEnv(noTelemetry); !set {
		if err := os.Setenv(noTelemetry, "1"); err != nil {
			return "", err
		}
	}
	ort.SetSharedLibraryPath(library)
	if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
		return "", err
	}
	return ort.GetVersion(), nil
}

type ortSession struct {
	session  *ort.DynamicAdvancedSession
	settings sessionSettings
}

func newSession(file []byte, s sessionSettings) (session, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	if err := applySettings(options, s); err != nil {
		return nil, err
	}
	opened, err := ort.NewDynamicAdvancedSessionWithONNXData(file, []string{s.input}, []string{s.output}, options)
	if err != nil {
		return nil, err
	}
	return &ortSession{session: opened, settings: s}, nil
}

func applySettings(options *ort.SessionOptions, s sessionSettings) error {
	level := map[OptimizationLevel]ort.GraphOptimizationLevel{
		OptimizeNone:     ort.GraphOptimizationLevelDisableAll,
		OptimizeBasic:    ort.GraphOptimizationLevelEnableBasic,
		OptimizeExtended: ort.GraphOptimizationLevelEnableExtended,
		OptimizeAll:      ort.GraphOptimizationLevelEnableAll,
	}[s.optimization]
	severity := ort.LoggingLevel(ort.LoggingLevelError)
	if s.exactProducts {
		severity = ort.LoggingLevelFatal // that a model is refused is tried, and the error says it
	}
	steps := []func() error{
		func() error { return options.SetIntraOpNumThreads(s.threads) },
		func() error { return options.SetInterOpNumThreads(1) },
		func() error { return options.SetGraphOptimizationLevel(level) },
		func() error { return options.SetLogSeverityLevel(severity) },
		func() error { return appendProvider(options, s) },
	}
	if s.threads > 1 {
		// Threads that wait busily take the processor from the other model of the pair.
		steps = append(steps, func() error {
			return options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0")
		})
	}
	if s.exactProducts {
		steps = append(steps, func() error {
			return options.AddSessionConfigEntry("session.x64quantprecision", "1")
		})
	}
	if s.folder != "" {
		steps = append(steps, func() error {
			return options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", s.folder)
		})
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func appendProvider(options *ort.SessionOptions, s sessionSettings) error {
	var err error
	switch s.provider {
	case "cpu":
	case "cuda":
		err = appendCUDA(options, s.providerSettings)
	case "tensorrt":
		err = appendTensorRT(options, s.providerSettings)
	case "coreml":
		err = options.AppendExecutionProviderCoreMLV2(s.providerSettings)
	case "directml":
		// DirectML allows neither memory patterns nor parallel execution.
		if err = options.SetMemPattern(false); err == nil {
			err = options.AppendExecutionProviderDirectML(0)
		}
	case "openvino":
		err = options.AppendExecutionProviderOpenVINO(s.providerSettings)
	default:
		name := map[string]string{"xnnpack": "XNNPACK", "webgpu": "WebGPU"}[s.provider]
		err = options.AppendExecutionProvider(name, s.providerSettings)
	}
	if err != nil {
		return fmt.Errorf("execution provider %q: %w; expected a build of ONNX Runtime that has it, see onnx.RuntimeLibrary", s.provider, err)
	}
	return nil
}

func appendCUDA(options *ort.SessionOptions, settings map[string]string) error {
	cuda, err := ort.NewCUDAProviderOptions()
	if err != nil {
		return err
	}
	defer cuda.Destroy()
	if len(settings) > 0 {
		if err := cuda.Update(settings); err != nil {
			return err
		}
	}
	return options.AppendExecutionProviderCUDA(cuda)
}

func appendTensorRT(options *ort.SessionOptions, settings map[string]string) error {
	tensorRT, err := ort.NewTensorRTProviderOptions()
	if err != nil {
		return err
	}
	defer tensorRT.Destroy()
	if len(settings) > 0 {
		if err := tensorRT.Update(settings); err != nil {
			return err
		}
	}
	return options.AppendExecutionProviderTensorRT(tensorRT)
}

func newTensor(m tensorMemory) (*ort.CustomDataTensor, error) {
	return ort.NewCustomDataTensor(ort.NewShape(m.shape...), m.data, ort.TensorElementDataType(m.element))
}

func (s *ortSession) bind(input, output tensorMemory) (binding, error) {
	b := &ortBinding{session: s.session}
	var err error
	if b.input, err = newTensor(input); err == nil {
		if b.output, err = newTensor(output); err == nil {
			if b.io, err = s.session.CreateIoBinding(); err == nil {
				if err = b.io.BindInput(s.settings.input, b.input); err == nil {
					err = b.io.BindOutput(s.settings.output, b.output)
				}
			}
		}
	}
	if err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (s *ortSession) outputShape(input tensorMemory) ([]int64, error) {
	in, err := newTensor(input)
	if err != nil {
		return nil, err
	}
	defer in.Destroy()
	outputs := []ort.Value{nil}
	if err := s.session.Run([]ort.Value{in}, outputs); err != nil {
		return nil, err
	}
	defer outputs[0].Destroy()
	return outputs[0].GetShape(), nil
}

func (s *ortSession) close() { s.session.Destroy() }

type ortBinding struct {
	session       *ort.DynamicAdvancedSession
	io            *ort.IoBinding
	input, output *ort.CustomDataTensor
}

func (b *ortBinding) run() error { return b.session.RunWithBinding(b.io) }

func (b *ortBinding) close() {
	if b.io != nil {
		b.io.Destroy()
	}
	if b.input != nil {
		b.input.Destroy()
	}
	if b.output != nil {
		b.output.Destroy()
	}
}
