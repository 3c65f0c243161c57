//go:build cgo

package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/report"
)

// pairFile writes a file that describes a pair, into a folder with the models beside it.
func pairFile(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"lenet5.onnx", "lenet5-int8.onnx", "twin.onnx", "seeds.npy", "labels.txt"} {
		data, err := os.ReadFile(filepath.Join(files, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "triggerfinder.yaml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

const lenetPair = "original: lenet5.onnx\ncompressed: lenet5-int8.onnx\nscale: 1/255\nseeds: seeds.npy\nlabels: labels.txt\npair: ours\n" +
	"class-names: [shirt, trousers, pullover, dress, coat, sandal, blouse, sneaker, bag, boot]\n"

// A search by a file is that by flags, and what is saved goes through the other commands by the same file.
func TestPairFileServesAllCommands(t *testing.T) {
	file := pairFile(t, lenetPair)
	dir := t.TempDir()
	results := [2]report.SearchResult{}
	for i, models := range [][]string{
		{"--pair-file", file},
		{"--original", "@lenet5.onnx", "--compressed", "@lenet5-int8.onnx", "--scale", "1/255", "--seeds", "@seeds.npy", "--labels", "@labels.txt", "--pair", "ours",
			"--class-names", "shirt,trousers,pullover,dress,coat,sandal,blouse,sneaker,bag,boot"},
	} {
		result := filepath.Join(dir, "result.json")
		command(t, append([]string{"search", "--n", "3", "--budget", "200", "--json", result, "--out", filepath.Join(dir, []string{"a", "b"}[i])}, models...)...).want(t, 1, "of 3 seeds have a trigger")
		r, err := report.LoadResult(result)
		if err != nil {
			t.Fatal(err)
		}
		results[i] = r
	}
	a, b := results[0], results[1]
	for _, r := range []*report.SearchResult{&a, &b} {
		r.Models.Original.File, r.Models.Compressed.File = "", "" // they lie in two places
	}
	if a.Pair != "ours" || !reflect.DeepEqual(a.Models, b.Models) || !reflect.DeepEqual(a.ClassNames, b.ClassNames) || a.Found != b.Found || a.TotalQueries != b.TotalQueries {
		t.Errorf("found %s, %+v, expected %s, %+v", a.Pair, a.Models, b.Pair, b.Models)
	}
	for _, name := range []string{"scale", "original.scale", "pair", "class-names"} {
		if a.Options[name] != b.Options[name] {
			t.Errorf("--%s: found %v, expected %v", name, a.Options[name], b.Options[name])
		}
	}
	for i, seed := range a.PerSeed {
		if one, other := seed.Trigger, b.PerSeed[i].Trigger; one == nil || other == nil || one.ID != other.ID {
			t.Errorf("seed %d: found %+v, expected %+v", i, one, other)
		}
	}
	saved := filepath.Join(dir, "b", "ours")
	command(t, "replay", saved, "--pair-file", file).want(t, 1, "still deviates", "Still deviating: 3 of 3")
	command(t, "minimize", saved, "--pair-file", file, "--budget", "10").want(t, 0, "Minimised: ")
	if r := command(t, "layers", "--triggers", saved, "--pair-file", file, "--evaluations", "4"); strings.Contains(r.err, "pair-file") || r.code == 2 && !strings.Contains(r.err, "evaluations") {
		t.Errorf("found code %d, %s", r.code, r.err)
	}
	// Flags win: nothing deviates from its twin.
	twin := filepath.Join(filepath.Dir(file), "twin.onnx")
	command(t, "replay", saved, "--pair-file", file, "--compressed", twin).want(t, 0, "Still deviating: 0 of ")
}

func TestFlagsWinOverThePairFile(t *testing.T) {
	file := pairFile(t, "original: {model: lenet5.onnx, scale: 1/3}\ncompressed: {model: lenet5-int8.onnx, mean: 0.5}\nscale: 1/2\nmean: 0.1\nlayout: NCHW\nseeds: seeds.npy\nlabels: labels.txt\n")
	for _, test := range []struct {
		flags []string
		want  map[string]string
	}{
		{nil, map[string]string{"original.scale": "1/3", "compressed.scale": "1/2", "original.mean": "0.1", "compressed.mean": "0.5", "original.layout": "NCHW"}},
		{[]string{"--scale", "1/255"}, map[string]string{"original.scale": "1/255", "compressed.scale": "1/255", "compressed.mean": "0.5"}},
		{[]string{"--compressed.scale", "1/255"}, map[string]string{"original.scale": "1/3", "compressed.scale": "1/255"}},
		{[]string{"--preset", "keras:28,tf"}, map[string]string{"original.scale": "", "compressed.scale": "", "original.mean": "", "compressed.mean": "", "original.preset": "keras:28,tf", "original.layout": "NCHW"}},
		{[]string{"--seeds", "other.npy", "--no-labels"}, map[string]string{"seeds": "other.npy", "labels": "", "original.scale": "1/3"}},
	} {
		f := defineSearch()
		if err := f.parse(append([]string{"--pair-file", file}, test.flags...)); err != nil {
			t.Fatal(err)
		}
		for name, want := range test.want {
			if found := f.effective()[name]; found != want {
				t.Errorf("%q: --%s is %q, expected %q", test.flags, name, found, want)
			}
		}
	}
}

func TestProgramOfAPairFileRunsBesideIt(t *testing.T) {
	server := pipeline(t)
	file := pairFile(t, "original: {model: lenet5.onnx, scale: 1/255}\ncompressed: 'process:\""+filepath.ToSlash(server)+"\" lenet5-int8.onnx'\nseeds: seeds.npy\n")
	out := t.TempDir()
	command(t, "search", "--pair-file", file, "--n", "2", "--budget", "200", "--out", out).want(t, 1, "2 of 2 seeds have a trigger", "To replay: triggerfinder replay ", " --pair-file "+file+"\n")
	command(t, "replay", filepath.Join(out, "lenet5-vs-lenet5-int8"), "--pair-file", file).want(t, 1, "Still deviating: 2 of 2")
}

func TestMisuseOfPairFiles(t *testing.T) {
	wrong := pairFile(t, "original: lenet5.onnx\ncompressed: lenet5-int8.onnx\nsacle: 1\n")
	for _, args := range [][]string{{"search"}, {"replay", "nowhere"}, {"minimize", "nowhere"}, {"layers", "--triggers", "nowhere"}} {
		command(t, append(args, "--pair-file", wrong)...).want(t, 2, wrong+":3: sacle: there is no such key; did you mean scale?")
		command(t, append(args, "--pair-file", "gone.yaml")...).want(t, 2, "expected a file that describes a pair: open gone.yaml: ")
	}
	command(t, "search", "--pair-file", pairFile(t, "original: gone.onnx\ncompressed: lenet5-int8.onnx\nseeds: seeds.npy\n")).want(t, 2, "gone.onnx")
	command(t, "search", "--pair-file", pairFile(t, "original: lenet5.onnx\ncompressed: lenet5-int8.onnx\n")).want(t, 2, "--seeds: expected a value, found none")
	// A file that nobody names is not read.
	t.Chdir(filepath.Dir(wrong))
	command(t, "search").want(t, 2, "--original, --compressed and --seeds: expected a value for each, found none")
}
