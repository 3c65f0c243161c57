package report_test

import (
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestScoresThatWereReadDifferentlyAreTold(t *testing.T) {
	with := func(original, compressed string) string {
		return report.Summary(&engine.Report{
			Original:   engine.Description{Settings: map[string]string{"scores": original}},
			Compressed: engine.Description{Settings: map[string]string{"scores": compressed}},
		})
	}
	const logits, other, probabilities = "logits, softmax applied (the graph ends in Gemm)", "logits, softmax applied (as onnx.Scores says)", "probabilities, as they are (the graph ends in Softmax)"
	if got := with(logits, probabilities); !strings.Contains(got, "\n  scores        original: "+logits+"\n  scores        compressed: "+probabilities+"\n") {
		t.Errorf("got %s", got)
	}
	for _, alike := range []string{other, ""} {
		if got := with(logits, alike); strings.Contains(got, "  scores ") {
			t.Errorf("%q: got %s", alike, got)
		}
	}
}
