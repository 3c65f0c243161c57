package main

import (
	"context"
	"errors"
	"time"

	ort "github.com/yalue/onnxruntime_go"
)

// closing are the tensors and sessions of the bare runtime.
type closing []interface{ Destroy() error }

// Close implements [io.Closer].
func (c closing) Close() error {
	var errs []error
	for _, one := range c {
		errs = append(errs, one.Destroy())
	}
	return errors.Join(errs...)
}

// bareORT runs a model by the binding of ONNX Runtime alone, with one thread, on tensors that are filled once. Package onnx loads the library.
func bareORT(n network, path string) (func(context.Context, int) (time.Duration, error), closing, error) {
	first, err := n.onnx(path)
	if err != nil {
		return nil, nil, err
	}
	if err := first.Close(); err != nil {
		return nil, nil, err
	}
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, nil, err
	}
	defer options.Destroy()
	if err := errors.Join(options.SetIntraOpNumThreads(1), options.SetInterOpNumThreads(1)); err != nil {
		return nil, nil, err
	}
	sessions := map[int]*ort.AdvancedSession{}
	var all closing
	for _, count := range []int{1, together} {
		shape, volume := n.sizes(count)
		pixels := make([]float32, volume)
		for i := range pixels {
			pixels[i] = float32(i%256) / 255
		}
		in, err := ort.NewTensor(ort.NewShape(shape...), pixels)
		if err != nil {
			return nil, all, err
		}
		out, err := ort.NewEmptyTensor[float32](ort.NewShape(int64(count), 10))
		if err != nil {
			return nil, all, err
		}
		session, err := ort.NewAdvancedSession(path, []string{"input"}, []string{n.output}, []ort.Value{in}, []ort.Value{out}, options)
		if err != nil {
			return nil, all, err
		}
		sessions[count] = session
		all = append(all, session, in, out)
	}
	return func(_ context.Context, count int) (time.Duration, error) {
		start := time.Now()
		err := sessions[count].Run()
		return time.Since(start), err
	}, all, nil
}
