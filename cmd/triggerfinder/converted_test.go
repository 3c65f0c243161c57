//go:build cgo

package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/report"
)

func TestTriggersAreTracedByWayOfAConvertedModel(t *testing.T) {
	dir := t.TempDir()
	result := filepath.Join(dir, "result.json")
	search := func(converted string, more ...string) []string {
		return append(pairOf("lenet5-int8.onnx", "--seeds", "@seeds.npy", "--n", "8", "--budget", "300", "--converted", converted), more...)
	}
	// What converts to the same leaves all to the compression.
	command(t, search("@twin.onnx", "--out", filepath.Join(dir, "twin"), "--json", result)...).want(t, 1, "in between", "twin", "8 of 8 triggers are caused by compression", "caused by compression, not by conversion")
	r, err := report.LoadResult(result)
	if err != nil || len(r.ByCause) != 1 || r.ByCause[0].N != 8 || len(r.Models.Between) != 1 || r.Models.Between[0].Name != "twin" || len(r.PerSeed[0].Trigger.Causes) != 1 {
		t.Errorf("found %+v, error %v", r, err)
	}
	command(t, search("@twin.onnx", "--caused-by", "conversion")...).want(t, 0, "no trigger caused by conversion in", "other causes", "not caused by conversion and do not count")
	command(t, search("@lenet5-pruned.onnx", "--caused-by", "compression,no-step-alone")...).want(t, 1, "a trigger caused by compression or no step alone")

	saved := filepath.Join(dir, "twin")
	command(t, "replay", saved).want(t, 1, "still deviates", "Still deviating: 8 of 8")
	if out := command(t, "replay", saved).out; strings.Contains(out, "caused") {
		t.Errorf("without the model in between: %s", out)
	}
	command(t, "replay", saved, "--converted", "@twin.onnx").want(t, 1, "; caused by compression, not by conversion")
	command(t, "replay", saved, "--converted", "@twin.onnx", "--caused-by", "compression").want(t, 1, "Still deviating: 8 of 8")
	command(t, "replay", saved, "--converted", "@twin.onnx", "--caused-by", "conversion").want(t, 2, "other cause", "nothing was judged: 8 of other causes")
	// It is opened as the original, unless flags of its own say otherwise: scores of raw pixels are others.
	command(t, "replay", saved, "--converted", "@twin.onnx", "--converted.scale", "1").want(t, 1, "caused by conversion")
}

// The original in ONNX Runtime, converted for LiteRT, and what ships there.
func TestTriggersAreTracedAcrossRuntimes(t *testing.T) {
	litertHere(t)
	command(t, "search", "--original", "@lenet5.onnx", "--converted", "@lenet5.tflite", "--compressed", "@lenet5-int8.tflite",
		"--scale", "1/255", "--exact-products", "--seeds", "@seeds.npy", "--n", "4", "--budget", "300", "--caused-by", "compression").
		want(t, 1, "4 of 4 seeds have a trigger caused by compression (100.0 %)", "in between    lenet5.tflite")
}

func TestMisuseOfConverted(t *testing.T) {
	pair := func(more ...string) []string {
		return pairOf("lenet5-int8.onnx", append([]string{"--seeds", "@seeds.npy"}, more...)...)
	}
	command(t, pair("--caused-by", "compression")...).want(t, 2, "--caused-by: expected it with --converted")
	command(t, pair("--converted", "@twin.onnx", "--caused-by", "kernels")...).want(t, 2, `--caused-by: expected conversion, compression or no-step-alone, or several by comma, found "kernels"`)
	command(t, pair("--converted", "@twin.onnx", "--caused-by", "compression", "--evidence", filepath.Join(t.TempDir(), "e.json"))...).want(t, 2, "--evidence: expected it without --caused-by")
	command(t, pair("--converted", "nowhere.onnx")...).want(t, 2, "nowhere.onnx")
	command(t, pair("--converted", "@lenet5-int8.onnx")...).want(t, 2, "step compression: original and compressed are the same model")
	command(t, "replay", t.TempDir(), "--caused-by", "compression").want(t, 2)
}
