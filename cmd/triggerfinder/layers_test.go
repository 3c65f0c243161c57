package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/layers"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/restore"
)

// badLayer finds severe triggers of the pair with a badly calibrated layer.
var badLayer = []string{"search", "--original", "@rescnn.onnx", "--compressed", "@rescnn-badlayer.onnx", "--seeds", "@seeds.npy",
	"--scale", "1/255", "--min-gap", "0.3", "--budget", "400", "--closing", "0", "--save", "all"}

func TestLayersNamesTheBadLayer(t *testing.T) {
	root, saved := saveTriggers(t, badLayer...)
	if len(saved) < 5 {
		t.Fatalf("found %d triggers, expected at least 5", len(saved))
	}
	file := filepath.Join(t.TempDir(), "layers.json")
	r := command(t, "layers", "--triggers", root, "--share", "0.9", "--json", file)
	r.want(t, 0, "rescnn-vs-rescnn-badlayer: ", "14 quantised nodes; oracle top-1",
		"  heals  causes  node\n", "2 nodes in float heal ", ", evaluated anew; ",
		"Their activations make the difference",
		`nodes_to_exclude=["`+fixtures.BadNode+`", "`+fixtures.BadReader+`"]`)

	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var result layersResult
	if err := json.Unmarshal(data, &result); err != nil {
		t.Fatal(err)
	}
	if result.Format != "triggerfinder-layers" || result.Version != 1 || len(result.TriggerIDs) != len(saved) || len(result.Nodes) != 14 || len(result.Result.Runtimes) != len(onnx.Int8Settings()) || result.Result.Setting != "" ||
		!slices.Equal(result.NodesToExclude, []string{fixtures.BadNode, fixtures.BadReader}) || !result.Result.Verified {
		t.Errorf("found %s", data)
	}
	left, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(left) != 1 {
		t.Errorf("expected one file, found %v, %v", left, err)
	}
	// The result on the standard output leaves the text to the other stream.
	r = command(t, "layers", "--triggers", saved[0], "--json", "-")
	if err := json.Unmarshal([]byte(r.out), &result); err != nil || r.code != 0 {
		t.Errorf("exit code %d, %v: %s", r.code, err, r.out)
	}
	if r := command(t, "layers", "--triggers", saved[0], "--quiet"); r.code != 0 || r.out+r.err != "" {
		t.Errorf("expected silence and 0, found %d, %q, %q", r.code, r.out, r.err)
	}
}

// What the runtime makes is told before what layers do, whatever the processor of this test.
func TestLayersTellWhatTheRuntimeMakes(t *testing.T) {
	exact := "Products saturate here (onnx.ExactProducts)."
	for _, test := range []struct {
		result layers.Result
		want   []string
		not    string
	}{
		{layers.Result{Triggers: 20, Stale: []int{0}, Curable: 19, Runtimes: []layers.RuntimeTried{{Setting: "optimisation none", Vanish: 1}, {Setting: "exact"}}},
			[]string{"1 trigger no longer deviates in the compressed model", "Under optimisation none, 1 of 19 triggers no longer deviates.\n"}, "What follows"},
		{layers.Result{Triggers: 20, Curable: 20, Runtimes: []layers.RuntimeTried{{Setting: "optimisation none"}}}, nil, "Under"},
		{layers.Result{Triggers: 20, Status: layers.OfRuntime, Setting: "exact", Vanished: make([]int, 20), Advice: []string{exact},
			Runtimes: []layers.RuntimeTried{{Setting: "optimisation none"}, {Setting: "exact", Vanish: 20}}},
			[]string{"Under exact, 20 of 20 triggers no longer deviate.\nProducts saturate here (--exact-products).\nNone is left to blame a node for.\n"}, "What follows"},
		{layers.Result{Triggers: 20, Status: layers.Minimal, Setting: "exact", Vanished: make([]int, 15), Stale: make([]int, 1), Curable: 4, Advice: []string{exact},
			Runtimes: []layers.RuntimeTried{{Setting: "exact", Vanish: 15}}},
			[]string{"Under exact, 15 of 19 triggers", "What follows is about the other 4, under exact.\n"}, "None is left"},
		{layers.Result{Triggers: 20, Curable: 20, Runtimes: []layers.RuntimeTried{{Setting: "exact", Error: "no kernel (onnx.ExactProducts)"}}},
			[]string{"Under exact the compressed model cannot be run: no kernel (--exact-products)\n"}, "What follows"},
	} {
		text := layersSummary(layersResult{Pair: "pair", Result: &test.result})
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("expected %q, found %s", want, text)
			}
		}
		if strings.Contains(text, test.not) {
			t.Errorf("expected nothing about %q, found %s", test.not, text)
		}
	}
	r := layersResult{Result: &layers.Result{Status: layers.OfRuntime}}
	if code, err := (&layersFlags{}).finish(console{quiet: true}, r, nil); code != exitFound || err != nil {
		t.Errorf("exit code %d, %v", code, err)
	}
}

// Triggers from another processor: it is named, since its 8-bit kernels may give other answers.
func TestLayersOfTriggersFromAnotherProcessor(t *testing.T) {
	_, saved := saveTriggers(t, badLayer...)
	file := filepath.Join(saved[0], "trigger.json")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := regexp.MustCompile(`"cpu": "[^"]*"`).ReplaceAll(data, []byte(`"cpu": "amd64 old"`))
	if err := os.WriteFile(file, changed, 0o644); err != nil {
		t.Fatal(err)
	}
	command(t, "layers", "--triggers", saved[0]).want(t, 0, "the triggers were found on another processor (amd64 old)")
	if r := command(t, "layers", "--triggers", saved[1]); strings.Contains(r.err, "another processor") {
		t.Errorf("the same processor is called another: %s", r.err)
	}
}

// A model that TensorFlow Lite quantised, beside the Keras model, with other names: both converted by tf2onnx.
func TestLayersOfTFLite(t *testing.T) {
	folder := filepath.Join("..", "..", "runtimes", "onnx", "restore", "testdata")
	keras, int8Model := filepath.Join(folder, "tflite-keras.onnx"), filepath.Join(folder, "tflite-int8.onnx")
	root, saved := saveTriggers(t, "search", "--original", keras, "--compressed", int8Model, "--seeds", "@seeds.npy",
		"--scale", "1/255", "--budget", "200", "--closing", "0", "--save", "all")
	if len(saved) < 5 {
		t.Fatalf("found %d triggers, expected at least 5", len(saved))
	}
	file := filepath.Join(t.TempDir(), "layers.json")
	r := command(t, "layers", "--triggers", root, "--json", file)
	r.want(t, 0, "8 quantised nodes", "evaluated anew", "For TensorFlow Lite's QuantizationDebugOptions:\ndenylisted_nodes=[\"sequential_1/")
	if strings.Contains(r.out, "no float weights") || strings.Contains(r.out, "_prequant") {
		t.Errorf("found %s", r.out)
	}
	data, err := os.ReadFile(file)
	if err != nil || strings.Count(string(data), `"form": "TFLite"`) != 8 {
		t.Errorf("%v: %s", err, data)
	}
	text := weightsSummary([]restore.Node{{Name: "a"}, {Name: "b", DequantisedWeights: true}})
	if text != "The original has no float weights for 1 node, neither by name nor by value: b.\nOf these, float means the activations alone.\n" {
		t.Errorf("found %q", text)
	}
}

func TestLayersMisuse(t *testing.T) {
	root, _ := saveTriggers(t, append(student, "--save", "1")...)
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "layers: --triggers: expected a value, found none"},
		{[]string{"--triggers", root, "x"}, `layers: expected flags only, found "x"`},
		{[]string{"--triggers", filepath.Join(root, "none")}, "--triggers: expected a folder of saved triggers"},
		{[]string{"--triggers", root, "--share", "2"}, `--share: expected a number above 0 and at most 1, found "2"`},
		{[]string{"--triggers", root, "--evaluations", "3"}, `--evaluations: expected a whole number of at least 4, found "3"`},
		{[]string{"--triggers", root, "--json", t.TempDir()}, "expected a file, found a folder"},
		// A student is no quantised model.
		{[]string{"--triggers", root}, "lenet5-student.onnx: expected nodes quantised in the form QDQ"},
		// Nor is it what the quantised model was made from.
		{[]string{"--triggers", root, "--original", "@rescnn.onnx", "--compressed", "@lenet5-int8.onnx"}, `node "/conv1/Conv" (Conv): expected a node of this name`},
	} {
		command(t, append([]string{"layers"}, test.args...)...).want(t, 2, test.want)
	}
	command(t, "help", "layers").want(t, 0, "triggerfinder layers --triggers DIR [flags]")
}
