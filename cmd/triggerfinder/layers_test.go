package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
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
	if result.Format != "triggerfinder-layers" || result.Version != 1 || len(result.TriggerIDs) != len(saved) || len(result.Nodes) != 14 ||
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
