package onnx

import (
	"maps"
	"strings"
	"testing"
)

func TestPlacedReadsAProfile(t *testing.T) {
	const profile = `[
{"cat":"Session","name":"model_run","args":{}},
{"cat":"Node","name":"sub_0_kernel_time","args":{"provider":"OpenVINOExecutionProvider","op_name":"OpenVINO-EP-subgraph_1","node_index":"7"}},
{"cat":"Node","name":"sub_0_kernel_time","args":{"provider":"OpenVINOExecutionProvider","op_name":"OpenVINO-EP-subgraph_1","node_index":"7"}},
{"cat":"Node","name":"cast_kernel_time","args":{"provider":"CPUExecutionProvider","op_name":"Cast","node_index":"3"}},
{"cat":"Node","name":"cast2_kernel_time","args":{"provider":"CPUExecutionProvider","op_name":"Cast","node_index":"4"}},
{"cat":"Node","name":"cast_fence_before","args":{"op_name":"Cast"}}]`
	p, err := placed([]byte(profile))
	if err != nil {
		t.Fatal(err)
	}
	if p.elsewhere != 1 || !maps.Equal(p.onCPU, map[string]int{"Cast": 2}) {
		t.Errorf("got %+v", p)
	}
	if _, err := placed([]byte(`[{"cat":`)); err == nil || !strings.Contains(err.Error(), "profile of ONNX Runtime") {
		t.Errorf("got %v", err)
	}
}
