//go:build cgo

package onnx

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"unsafe"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
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

func newSession(file []byte, s sessionSettings) (predictor.Session, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	if err := applySettings(options, s); err != nil {
		return nil, err
	}
	opened, err := ort.NewDynamicAdvancedSessionWithONNXData(file, s.inputs, s.outputs, options)
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
	if s.exactProducts || s.provider == "cpu" || s.strict {
		severity = ort.LoggingLevelFatal // models and inputs that are refused are tried, and the errors say so
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
	if s.strict {
		steps = append(steps, func() error {
			return options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1")
		})
	}
	if s.profile != "" {
		steps = append(steps, func() error { return options.EnableProfiling(s.profile) })
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
		name := s.provider
		if known := providerNames[name]; known != "" {
			name = known
		}
		err = options.AppendExecutionProvider(name, s.providerSettings)
	}
	if err != nil {
		return refusedProvider(s.provider, s.info, err)
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

// tensorValue is memory as the binding sees it. It makes no tensors without dimensions: those are its scalars, whose memory is
// its own.
type tensorValue struct {
	ort.Value
	after func() // of a run: copies a scalar into our memory; nil for a tensor
}

func newTensor(m predictor.Memory) (tensorValue, error) {
	if m.Element == predictor.String {
		return newTexts(m)
	}
	if len(m.Shape) == 0 {
		return newScalar(m)
	}
	data := m.Data
	if len(data) == 0 {
		data = make([]byte, 8) // a dimension is 0, and the binding wants memory all the same
	}
	v, err := ort.NewCustomDataTensor(ort.NewShape(m.Shape...), data, ort.TensorElementDataType(m.Element))
	if err != nil {
		return tensorValue{}, err
	}
	return tensorValue{Value: v}, nil
}

// newTexts is an output of strings, which are copied out after a run.
func newTexts(m predictor.Memory) (tensorValue, error) {
	v, err := ort.NewStringTensor(ort.NewShape(m.Shape...))
	if err != nil {
		return tensorValue{}, err
	}
	return tensorValue{v, func() {
		clear(m.Texts)
		if texts, err := v.GetContents(); err == nil {
			copy(m.Texts, texts)
		}
	}}, nil
}

func newScalar(m predictor.Memory) (tensorValue, error) {
	switch m.Element {
	case predictor.Float32:
		return scalarOf[float32](m.Data)
	case predictor.Float64:
		return scalarOf[float64](m.Data)
	case predictor.Uint8:
		return scalarOf[uint8](m.Data)
	case predictor.Int8:
		return scalarOf[int8](m.Data)
	case predictor.Int16:
		return scalarOf[int16](m.Data)
	case predictor.Int32:
		return scalarOf[int32](m.Data)
	case predictor.Int64:
		return scalarOf[int64](m.Data)
	case predictor.Bool:
		return scalarOf[bool](m.Data)
	}
	return tensorValue{}, fmt.Errorf("expected a tensor of at least one dimension for %s, found one of none", m.Element)
}

func scalarOf[T ort.TensorData](memory []byte) (tensorValue, error) {
	here := (*T)(unsafe.Pointer(unsafe.SliceData(memory)))
	v, err := ort.NewScalar(*here)
	if err != nil {
		return tensorValue{}, err
	}
	return tensorValue{v, func() { *here = v.GetData() }}, nil
}

func (s *ortSession) Bind(inputs, outputs []predictor.Memory) (predictor.Binding, error) {
	b := &ortBinding{session: s.session}
	err := func() error {
		var err error
		if b.io, err = s.session.CreateIoBinding(); err != nil {
			return err
		}
		for i, m := range inputs {
			v, err := newTensor(m)
			if err != nil {
				return err
			}
			b.values = append(b.values, v.Value)
			if v.after != nil {
				b.scalars = append(b.scalars, scalarInput{s.settings.inputs[i], m, bytes.Clone(m.Data), i})
			}
			if err := b.io.BindInput(s.settings.inputs[i], v.Value); err != nil {
				return err
			}
		}
		for i, m := range outputs {
			v, err := newTensor(m)
			if err != nil {
				return err
			}
			b.values = append(b.values, v.Value)
			if v.after != nil {
				b.after = append(b.after, v.after)
			}
			if err := b.io.BindOutput(s.settings.outputs[i], v.Value); err != nil {
				return err
			}
		}
		return nil
	}()
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

func (s *ortSession) Once(_ context.Context, inputs, outputs []predictor.Memory) ([]predictor.Memory, error) {
	var values [2][]ort.Value
	var after []func()
	for side, list := range [][]predictor.Memory{inputs, outputs} {
		for _, m := range list {
			if m.Data == nil && m.Texts == nil {
				values[side] = append(values[side], nil)
				continue
			}
			v, err := newTensor(m)
			if err != nil {
				return nil, err
			}
			defer v.Destroy()
			values[side] = append(values[side], v.Value)
			if v.after != nil && side == 1 {
				after = append(after, v.after)
			}
		}
	}
	if err := s.session.Run(values[0], values[1]); err != nil {
		return nil, err
	}
	for _, get := range after {
		get()
	}
	found := slices.Clone(outputs)
	for i := range found {
		if found[i].Data != nil || found[i].Texts != nil {
			continue
		}
		v := values[1][i]
		defer v.Destroy()
		found[i].Shape = v.GetShape()
		var ok bool
		if found[i].Data, ok = bytesOf(v); !ok {
			return nil, fmt.Errorf("expected an output of %s, found one of another type that the binding does not read", found[i].Element)
		}
	}
	return found, nil
}

// bytesOf is the memory of a tensor that the binding has made.
func bytesOf(v ort.Value) ([]byte, bool) {
	switch t := v.(type) {
	case *ort.Tensor[float32]:
		return asBytes(t.GetData()), true
	case *ort.Tensor[float64]:
		return asBytes(t.GetData()), true
	case *ort.Tensor[uint8]:
		return asBytes(t.GetData()), true
	case *ort.Tensor[int8]:
		return asBytes(t.GetData()), true
	case *ort.Tensor[int16]:
		return asBytes(t.GetData()), true
	case *ort.Tensor[int32]:
		return asBytes(t.GetData()), true
	case *ort.Tensor[int64]:
		return asBytes(t.GetData()), true
	case *ort.Tensor[bool]:
		return asBytes(t.GetData()), true
	}
	return nil, false
}

// asBytes copies numbers into memory that can hold elements of any type.
func asBytes[T ort.TensorData](values []T) []byte {
	var one T
	n := len(values) * int(unsafe.Sizeof(one))
	copied := predictor.AlignedBytes(n)[:n]
	copy(copied, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), n))
	return copied
}

func (s *ortSession) Close() { s.session.Destroy() }

type ortBinding struct {
	session *ort.DynamicAdvancedSession
	io      *ort.IoBinding
	values  []ort.Value
	scalars []scalarInput
	after   []func() // of scalars among the outputs
}

func (b *ortBinding) Run(context.Context) error {
	for i := range b.scalars {
		if err := b.scalars[i].update(b); err != nil {
			return err
		}
	}
	err := b.session.RunWithBinding(b.io)
	for _, get := range b.after {
		get()
	}
	return err
}

// scalarInput is an input without dimensions. It is bound again when its number has changed: Scalar.Set of the binding
// (1.27) changes another memory than that which ONNX Runtime reads.
type scalarInput struct {
	name   string
	memory predictor.Memory
	latest []byte
	at     int // among the values of the binding
}

func (s *scalarInput) update(b *ortBinding) error {
	if bytes.Equal(s.latest, s.memory.Data) {
		return nil
	}
	v, err := newScalar(s.memory)
	if err != nil {
		return err
	}
	if err := b.io.BindInput(s.name, v.Value); err != nil {
		v.Destroy()
		return err
	}
	b.values[s.at].Destroy()
	b.values[s.at] = v.Value
	copy(s.latest, s.memory.Data)
	return nil
}

func (b *ortBinding) Close() {
	if b.io != nil {
		b.io.Destroy()
	}
	for _, v := range b.values {
		v.Destroy()
	}
}
