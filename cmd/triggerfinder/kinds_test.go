//go:build cgo

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEveryKindFromTheShell takes each pair of zoo/kinds, a module of its own, through all commands.
func TestEveryKindFromTheShell(t *testing.T) {
	zoo := filepath.Join("..", "..", "zoo", "kinds")
	if _, err := os.Stat(filepath.Join(zoo, "models")); err != nil {
		t.Skipf("the pairs of zoo/kinds are not here: %v", err)
	}
	csv := []string{"breast-cancer.csv", "--label-key", "diagnosis", "--class-names", "malignant,benign", "--n", "12"}
	scenes := []string{"scenes.npz", "--key", "image", "--scale", "1/255", "--scores", "raw", "--n", "6"}
	for _, test := range []struct {
		original, compressed string
		seeds                []string
		says                 []string // of the summary
		replayed             string   // a flag that the replay takes from the search
		layers               int      // exit code
	}{
		{"table-boosting", "table-boosting-forest", csv, []string{"12 of 12 seeds have a trigger", "malignant → benign", "columns read as number, in the domain of the data"}, "", 2},
		{"table-mlp", "table-mlp-int8", csv, []string{"12 of 12 seeds", "benign → malignant", "queries; scaled L1 ", "of 30 columns changed", "\n   columns, with the share of their range: "}, "", 0},
		{"table-regression", "table-regression-int8", []string{"diabetes.csv", "--without", "progression", "--columns", "sex=category,age=0:120:1", "--scores", "raw", "--tolerance", "absolute=5", "--n", "12"},
			[]string{"12 of 12 seeds", "variable lower", `column "sex": read as category, "1", "2"`}, "--scores raw, as in the search", 0},
		{"language", "language-dynamic", []string{"sentences.jsonl", "--tokens", "b+3", "--vocabulary", "259,pad=0,special=2,end=1", "--length", "96", "--made", "attention_mask=mask",
			"--label-key", "label", "--n", "12"}, []string{"12 of 12 seeds", "1-edits/length", " edits of 33 tokens", "\n   edited: ", "texts of more than 96 tokens are cut"}, "--made attention_mask=mask, as in the search", 0},
		{"keywords", "keywords-int8", []string{"spoken-digits.npz", "--key", "features", "--kind", "signal", "--domain=-14,10", "--label-key", "labels", "--n", "8"},
			[]string{"8 of 8 seeds", "segmental S/(S+N)"}, "", 0},
		{"keywords-wave", "keywords-wave-int8", []string{"voices", "--rate", "8000", "--length", "8000", "--mono"},
			[]string{"10 of 10 seeds", "segmental S/(S+N)", "padded with silence, at the end to 8000 samples"}, "", 0},
		{"embedding", "embedding-int8", []string{"clothing.npz", "--key", "image", "--scale", "1/255", "--scores", "raw", "--tolerance", "cosine=0.003", "--n", "12"},
			[]string{"12 of 12 seeds", "SSIM"}, "--scale 1/255 --scores raw, as in the search", 0},
		{"detection", "detection-int8", append(slices.Clone(scenes), "--tolerance", "absolute=1"), []string{"of 6 seeds have a trigger", "SSIM"}, "--scale 1/255 --scores raw, as in the search", 0},
		{"segmentation", "segmentation-int8", append(slices.Clone(scenes), "--tolerance", "absolute=2"), []string{"6 of 6 seeds", "SSIM"}, "--scale 1/255 --scores raw, as in the search", 0},
	} {
		t.Run(test.original, func(t *testing.T) {
			out := t.TempDir()
			model := func(name string) string { return filepath.Join(zoo, "models", name+".onnx") }
			search := []string{"search", "--original", model(test.original), "--compressed", model(test.compressed), "--budget", "200", "--closing", "20", "--save", "4", "--out", out,
				"--seeds", filepath.Join(zoo, "seeds", test.seeds[0])}
			r := command(t, append(search, test.seeds[1:]...)...)
			r.want(t, 1, append(test.says, "To replay: triggerfinder replay "+out)...)
			if strings.Contains(r.out, "left out") || strings.Contains(r.out, "skipped") {
				t.Errorf("operators or seeds are left out:\n%s", r.out)
			}
			if kind := strings.TrimPrefix(filepath.Ext(test.seeds[0]), "."); (kind == "csv" || kind == "jsonl") && (strings.Contains(r.out, "L2 ") || strings.Contains(r.out, "LInf ")) {
				t.Errorf("distances of columns or numbers of tokens together say nothing:\n%s", r.out)
			}
			folder := filepath.Join(out, test.original+"-vs-"+test.compressed)
			command(t, "replay", folder).want(t, 1, "still deviates", test.replayed)
			command(t, "minimize", folder, "--budget", "20").want(t, 0)
			command(t, "export", folder, "--out", filepath.Join(out, "t.npz")).want(t, 0, "Exported ")
			if !testing.Short() {
				command(t, "layers", "--triggers", folder, "--evaluations", "30").want(t, test.layers)
			}
		})
	}
}

// Flags of sounds, tables and texts that are wrong, or for another format, are one error that says what is right.
func TestFlagsOfKinds(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"people.csv": "age,sex\n20,m\n,f\n50,m\n", "lines.txt": "abc\n", "numbers.jsonl": `{"x":[1,2]}`, "tokens/a.bin": "ab", "tokens/b.bin": "cd",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		seeds string
		flags []string
		says  string
	}{
		{"people.csv", nil, `people.csv: missing cells in column "age" (1, the first in line 3): expected a value in each row, or --columns NAME=TYPE?VALUE for how to read them`},
		{"people.csv", []string{"--columns", "height=number"}, `column "height": expected one of the header, "age", "sex"`},
		{"people.csv", []string{"--columns", "age=short"}, `--columns: expected NAME=TYPE by comma, where TYPE is number, integer, category, a range such as 0:99 or 0:99:1, or categories`},
		{"people.csv", []string{"--columns", "age"}, `found "age"`},
		{"people.csv", []string{"--columns", "age=9:0"}, `--columns: expected NAME=TYPE`},
		{"people.csv", []string{"--columns", "age=0:99:1?20", "--label-key", "wages"}, `column "wages": expected one of the header`},
		{"people.csv", []string{"--domain", "0,1"}, "people.csv: expected an array, which the options are for, found a file in the format CSV"},
		{"people.csv", []string{"--rate", "8000"}, "people.csv: expected WAV, which the options are for, found a file in the format CSV"},
		{"lines.txt", nil, "lines.txt: expected --tokens b+N and --vocabulary, which say how bytes become tokens (a test in Go takes any tokenizer) or, for JSON lines of numbers, --key or --parts with their fields"},
		{"lines.txt", []string{"--tokens", "b"}, "--tokens: expected --vocabulary too, found none"},
		{"lines.txt", []string{"--tokens", "words", "--vocabulary", "256"}, `--tokens: expected b, where each byte is a token, or b+N`},
		{"lines.txt", []string{"--tokens", "b", "--vocabulary", "many"}, `--vocabulary: expected SIZE, with pad=TOKEN`},
		{"lines.txt", []string{"--tokens", "b", "--vocabulary", "0"}, `--vocabulary: `},
		{"lines.txt", []string{"--tokens", "b", "--vocabulary", "256,pat=1"}, `--vocabulary: expected SIZE, with pad=TOKEN`},
		{"lines.txt", []string{"--tokens", "b", "--vocabulary", "256", "--rate", "8000"}, "expected either --tokens or --rate, found both"},
		{"numbers.jsonl", []string{"--key", "x"}, `field "x": expected --domain MIN,MAX, which gives the domain of the values, or --vocabulary for tokens`},
		{"tokens", []string{"--length", "0"}, "--length: expected a whole number of at least 1"},
	} {
		args := []string{"search", "--original", "@lenet5.onnx", "--compressed", "@lenet5-int8.onnx", "--seeds", filepath.Join(dir, test.seeds)}
		if r := command(t, append(args, test.flags...)...); r.code != 2 || !strings.Contains(r.err, test.says) || strings.Count(strings.TrimSuffix(r.err, "See triggerfinder help search.\n"), "\n") != 1 {
			t.Errorf("%s %q: code %d, error %q; expected %q", test.seeds, test.flags, r.code, r.err, test.says)
		}
	}
	r := command(t, "search", "--original", "@lenet5.onnx", "--compressed", "@lenet5-int8.onnx", "--seeds", filepath.Join(dir, "lines.txt"), "--made", "x=words")
	if want := "--made: expected INPUT=mask or INPUT=length by comma"; r.code != 2 || !strings.Contains(r.err, want) {
		t.Errorf("error %q; expected %q", r.err, want)
	}
}
