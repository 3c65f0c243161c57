package onnx

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/internal/modelfile"
)

// describe says what a report should keep about the model.
func describe(file *modelfile.Model, g *graph, info runtimeInfo, threads int, s *settings) model.Description {
	d := identity(file)
	d.Serial = s.provider == "directml" // a session of DirectML allows one run at a time
	d.Settings = map[string]string{
		"runtime":            "ONNX Runtime " + info.version,
		"binding":            bindingName,
		"threads":            strconv.Itoa(threads),
		"graph_optimization": string(s.optimization),
		"opset":              opsetText(g.opsets),
	}
	s.describeProvider(d.Settings, threads)
	if s.exactProducts {
		d.Settings["products"] = "exact"
	}
	return d
}

func opsetText(opsets []opset) string {
	parts := make([]string, len(opsets))
	for i, o := range opsets {
		domain := o.domain
		if domain == "" {
			domain = "ai.onnx"
		}
		parts[i] = fmt.Sprintf("%s %d", domain, o.version)
	}
	return strings.Join(parts, ", ")
}
