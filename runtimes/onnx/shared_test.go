//go:build cgo

package onnx_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// A model that uses what another one was given answers as it does by itself, and refuses what has another form.
func TestSharedEncodings(t *testing.T) {
	e := loadExpected(t)
	taken := map[[2]string]bool{}
	for _, first := range oddModels {
		for _, second := range oddModels {
			if first.channels != second.channels {
				continue
			}
			one := open(t, odd(first.file), append(first.options, onnx.Scale(1.0/255))...)
			other := open(t, odd(second.file), append(second.options, onnx.Scale(1.0/255))...)
			inputs := e.inputs(first.channels)[:4]
			if first.batch == 1 || second.batch == 1 {
				inputs = inputs[:1]
			}
			want, ownWant := predict(t, other, inputs...), predict(t, one, inputs...)
			for range 2 { // with bindings that are new, and that are there
				own, as, err := one.AnswerEncoding(t.Context(), inputs, nil)
				if err != nil || as == nil {
					t.Fatalf("%s: expected answers and what they were made of, found %v, %v", first.file, as, err)
				}
				found, ok, err := other.AnswerEncoded(t.Context(), inputs, nil, as)
				as.Release()
				if err != nil {
					t.Fatalf("%s after %s: %v", second.file, first.file, err)
				}
				taken[[2]string{first.file, second.file}] = ok
				for i := range inputs {
					if !slices.Equal(own[i].Scores, ownWant[i]) || ok && !slices.Equal(found[i].Scores, want[i]) {
						t.Fatalf("%s after %s, input %d: found other scores than with inputs of its own", second.file, first.file, i)
					}
				}
			}
		}
	}
	for pair, want := range map[[2]string]bool{
		{"nchw-rgb.onnx", "four-classes.onnx"}:    true,
		{"four-classes.onnx", "nchw-rgb.onnx"}:    true,
		{"nchw-rgb.onnx", "nchw-rgb.onnx"}:        true,
		{"grey.onnx", "grey.onnx"}:                true,
		{"nchw-rgb.onnx", "nhwc-rgb.onnx"}:        false,
		{"nchw-rgb.onnx", "bgr.onnx"}:             false,
		{"nchw-rgb.onnx", "float16.onnx"}:         false,
		{"nchw-rgb.onnx", "rank2-input.onnx"}:     false,
		{"nchw-rgb.onnx", "fixed-batch-4.onnx"}:   false,
		{"uint8-nhwc.onnx", "int8-io.onnx"}:       false,
		{"fixed-batch-1.onnx", "nchw-rgb.onnx"}:   false,
		{"rank2-input.onnx", "four-classes.onnx"}: false,
	} {
		if taken[pair] != want {
			t.Errorf("%s after %s: taken is %t, expected %t", pair[1], pair[0], taken[pair], want)
		}
	}
	scaled := open(t, odd("nchw-rgb.onnx"), onnx.Scale(1.0/128))
	plain := open(t, odd("nchw-rgb.onnx"), onnx.Scale(1.0/255))
	inputs := e.inputs(3)[:1]
	predict(t, scaled, inputs...)
	_, as, err := plain.AnswerEncoding(t.Context(), inputs, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer as.Release()
	if _, ok, err := scaled.AnswerEncoded(t.Context(), inputs, nil, as); ok || err != nil {
		t.Errorf("a model of another scale took the inputs (%v)", err)
	}
}

// Either model may be closed first.
func TestSharedEncodingsOfClosedModels(t *testing.T) {
	inputs := loadExpected(t).inputs(3)[:2]
	for _, originalFirst := range []bool{true, false} {
		one, other := open(t, odd("nchw-rgb.onnx"), onnx.Scale(1.0/255)), open(t, odd("four-classes.onnx"), onnx.Scale(1.0/255))
		want := predict(t, other, inputs...)
		share := func() error {
			_, as, err := one.AnswerEncoding(t.Context(), inputs, nil)
			if err != nil {
				return err
			}
			defer as.Release()
			_, _, err = other.AnswerEncoded(t.Context(), inputs, nil, as)
			return err
		}
		if err := share(); err != nil {
			t.Fatal(err)
		}
		if originalFirst {
			one.Close()
			if found := predict(t, other, inputs...); !slices.Equal(found[0], want[0]) {
				t.Error("expected the same scores after the other model was closed")
			}
		} else {
			other.Close()
		}
		if err := share(); !errors.Is(err, onnx.ErrClosed) {
			t.Errorf("expected the error of a closed model, found %v", err)
		}
		one.Close()
		other.Close()
	}
}
