//go:build cgo

package main

import "testing"

func TestProviderFlags(t *testing.T) {
	const models = "../../fixtures/models/"
	for _, test := range []struct {
		flags []string
		want  []string
	}{
		{[]string{"--provider", "gpu"}, []string{"--provider: expected coreml, cpu, cuda, directml"}},
		{[]string{"--compressed.provider", "xnnpack"}, []string{"lenet5-int8.onnx", `execution provider "xnnpack": expected a library of ONNX Runtime that has it, found `,
			"name one of your own by TRIGGERFINDER_ONNXRUNTIME"}},
		{[]string{"--original.provider", "openvino", "--compressed.provider", "cuda,device_id=0", "--no-fallback"}, []string{"--provider: expected providers that one library has, found \"openvino\""}},
	} {
		t.Setenv("TRIGGERFINDER_ONNXRUNTIME", "")
		t.Setenv("ONNXRUNTIME_SHARED_LIBRARY_PATH", "")
		r := command(t, append([]string{"search", "--original", models + "lenet5.onnx", "--compressed", models + "lenet5-int8.onnx", "--seeds", "../../fixtures/seeds/fashion-seeds-images.idx3-ubyte.gz"}, test.flags...)...)
		r.want(t, 2, test.want...)
	}
}
