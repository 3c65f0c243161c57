package tokens_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/generators/tokens"
	"github.com/triggerfinder/triggerfinder/input"
)

func write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLinesBecomeTokens(t *testing.T) {
	seeds, err := tokens.Lines(write(t, "a.txt", "\ufeffone\n\nthree\r\n"), bytes3, encode, tokens.Length(5), tokens.Truncated())
	if err != nil || seeds.Len() != 2 {
		t.Fatalf("expected 2 seeds, found %d (error %v)", seeds.Len(), err)
	}
	for i, want := range []struct{ text, name string }{{"one", "a.txt, line 1"}, {"thre", "a.txt, line 3"}} {
		seed, err := seeds.Seed(i)
		if err != nil || seed.Input.Validate() != nil || read(seed.Input) != want.text || seed.Name != want.name || len(seed.Input.Data) != 5 || seed.Label != input.Unlabelled {
			t.Errorf("expected %+v, found %q, %q (error %v)", want, read(seed.Input), seed.Name, err)
		}
		if first, stop := bytes3.Text(seed.Input.Data); first != 0 || seed.Input.Data[stop-1] != end {
			t.Errorf("expected an end behind the text, found %v", seed.Input.Data)
		}
	}
	seeds, err = tokens.Lines(write(t, "a.txt", "one\n"), bytes3, encode, tokens.Length(6), tokens.PaddedLeft())
	if err != nil {
		t.Fatal(err)
	}
	if seed, err := seeds.Seed(0); err != nil || seed.Input.Data[0] != pad || seed.Input.Data[5] != end {
		t.Errorf("expected padding in front, found %v (error %v)", seed.Input.Data, err)
	}
}

func TestJSONLinesHaveLabels(t *testing.T) {
	path := write(t, "a.jsonl", `{"text":"one","lang":"en"}`+"\n"+`{"text":"zwei","lang":"de"}`+"\n"+`{"text":"x"}`+"\n")
	seeds, err := tokens.JSONLines(path, bytes3, encode, tokens.Label("lang"))
	if err != nil {
		t.Fatal(err)
	}
	var labels []int
	for i := range seeds.Len() {
		seed, err := seeds.Seed(i)
		if err != nil {
			t.Fatal(err)
		}
		labels = append(labels, seed.Label)
	}
	if !slices.Equal(labels, []int{1, 0, -1}) || !slices.Equal(seeds.ClassNames(), []string{"de", "en"}) || len(seeds.Notes()) != 1 {
		t.Errorf("found the labels %v of %q, notes %q", labels, seeds.ClassNames(), seeds.Notes())
	}
	if seeds, err = tokens.JSONLines(path, bytes3, encode, tokens.Label("lang", "fr", "en", "de")); err != nil {
		t.Fatal(err)
	}
	if seed, err := seeds.Seed(0); err != nil || seed.Label != 1 || len(seed.Input.Data) != 4 {
		t.Errorf("expected the label 1 and a text of its own length, found %+v (error %v)", seed, err)
	}
	numbers, err := tokens.JSONLines(write(t, "n.jsonl", `{"sentence":"one","y":7}`), bytes3, encode, tokens.Text("sentence"), tokens.Label("y"))
	if err != nil {
		t.Fatal(err)
	}
	if seed, err := numbers.Seed(0); err != nil || seed.Label != 7 {
		t.Errorf("expected the label 7, found %d (error %v)", seed.Label, err)
	}
}

func TestMasksAndLengthsAreParts(t *testing.T) {
	seeds, err := tokens.Lines(write(t, "a.txt", "one\n"), bytes3, encode, tokens.Length(6), tokens.WithMask("input_ids", "attention_mask"), tokens.WithLength("input_ids", "length"))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := seeds.Seed(0)
	if err != nil || seed.Input.Validate() != nil {
		t.Fatal(err, seed.Input.Validate())
	}
	mask, _ := seed.Input.Part("attention_mask")
	length, _ := seed.Input.Part("length")
	if !slices.Equal(mask.Data, []float32{1, 1, 1, 1, 0, 0}) || length.Data[0] != 4 || seed.Input.Searches("attention_mask") || seed.Input.Kind != input.Tokens {
		t.Errorf("found the mask %v, the length %v in %s", mask.Data, length.Data, seed.Input)
	}
	if !slices.Equal(tokens.Mask(seed.Input), []float64{1, 1, 1, 1, 0, 0}) {
		t.Errorf("found the mask %v", tokens.Mask(seed.Input))
	}
	for _, m := range tokens.Corruptions() {
		if resizes := !slices.Contains([]string{"token-substitution", "token-swap"}, m.String()); resizes != (input.Supports(m, seed.Input) != nil) {
			t.Errorf("%s beside a fixed mask: %v", m, input.Supports(m, seed.Input))
		}
	}
}

func TestFilesAreBytes(t *testing.T) {
	vocabulary := input.Vocabulary{Size: 257, Pad: 256}
	paths := []string{write(t, "a.bin", "\x00\xff\x01"), write(t, "b.bin", strings.Repeat("x", 99)), write(t, "c.bin", ""), filepath.Join(t.TempDir(), "none")}
	seeds, err := tokens.Files(append(paths, t.TempDir()), vocabulary, tokens.Length(5))
	if err != nil {
		t.Fatal(err)
	}
	if seed, err := seeds.Seed(0); err != nil || !slices.Equal(seed.Input.Data, []float32{0, 255, 1, 256, 256}) || seed.Name != paths[0] {
		t.Errorf("found %v, %q (error %v)", seed.Input.Data, seed.Name, err)
	}
	if seed, err := seeds.Seed(1); err != nil || len(seed.Input.Data) != 5 || seed.Input.Data[4] != 'x' {
		t.Errorf("expected the first 5 bytes, found %v (error %v)", seed.Input.Data, err)
	}
	for i := 2; i < 5; i++ {
		if _, err := seeds.Seed(i); err == nil || !strings.HasPrefix(err.Error(), "tokens: ") {
			t.Errorf("seed %d: expected an error, found %v", i, err)
		}
	}
}

func TestSeedsRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		encode  tokens.Tokenizer
		options []tokens.Option
		json    bool
		want    string
	}{
		"empty":            {"\n\n", encode, nil, false, "no seeds"},
		"no UTF-8":         {"a\n\xff\n", encode, nil, false, "line 2: expected UTF-8"},
		"no tokenizer":     {"a\n", nil, nil, false, "found nil"},
		"length":           {"a\n", encode, []tokens.Option{tokens.Length(0)}, false, "option Length"},
		"no object":        {"{\"text\":\"a\"}\n[]\n", encode, nil, true, "line 2"},
		"no text":          {"{\"txt\":\"a\"}\n", encode, nil, true, `field "text": expected a text, found none`},
		"a number":         {"{\"text\":1}\n", encode, nil, true, `field "text": expected a text, found 1`},
		"label of another": {"{\"text\":\"a\",\"y\":\"b\"}\n", encode, []tokens.Option{tokens.Label("y", "c")}, true, `expected one of the classes ["c"], found "b"`},
		"label below 0":    {"{\"text\":\"a\",\"y\":-1}\n", encode, []tokens.Option{tokens.Label("y")}, true, "found -1"},
		"mixed labels":     {"{\"text\":\"a\",\"y\":1}\n{\"text\":\"a\",\"y\":\"b\"}\n", encode, []tokens.Option{tokens.Label("y")}, true, "line 2"},
		"no labels":        {"{\"text\":\"a\"}\n", encode, []tokens.Option{tokens.Label("y")}, true, `"y": expected a label`},
		"part":             {"a\n", encode, []tokens.Option{tokens.WithMask("ids", "ids")}, false, "option WithMask"},
	} {
		make := tokens.Lines
		if c.json {
			make = tokens.JSONLines
		}
		if _, err := make(write(t, "a.txt", c.content), bytes3, c.encode, c.options...); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "a.txt") {
			t.Errorf("%s: expected an error with the file and %q, found %v", name, c.want, err)
		}
	}
	for name, c := range map[string]struct {
		encode tokens.Tokenizer
		want   string
	}{
		"long":    {encode, "expected at most 3 tokens, found 4"},
		"none":    {func(string) ([]int, error) { return nil, nil }, "at least one token"},
		"error":   {func(string) ([]int, error) { return nil, errors.New("odd text") }, "odd text"},
		"panic":   {func(string) ([]int, error) { panic("odd text") }, "odd text"},
		"outside": {func(string) ([]int, error) { return []int{259, 1}, nil }, "token 259"},
	} {
		seeds, err := tokens.Lines(write(t, "a.txt", "one\n"), bytes3, c.encode, tokens.Length(3))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seeds.Seed(0); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "a.txt, line 1") {
			t.Errorf("%s: expected an error with the line and %q, found %v", name, c.want, err)
		}
	}
}

// Whatever a file holds, seeds are valid, or there is one error.
func FuzzJSONLines(f *testing.F) {
	for _, line := range []string{`{"text":"one","y":"en"}`, `{"text":"","y":3}`, `{"text":null}`, `[]`, "\ufeff{}", `{"text":"a","y":1.5}`} {
		f.Add(line+"\n"+line, "y")
		f.Add(line, "")
	}
	f.Fuzz(func(t *testing.T, content, label string) {
		options := []tokens.Option{tokens.Length(9), tokens.Truncated()}
		if label != "" {
			options = append(options, tokens.Label(label))
		}
		seeds, err := tokens.JSONLines(write(t, "a.jsonl", content), bytes3, encode, options...)
		if err != nil {
			return
		}
		for i := range seeds.Len() {
			seed, err := seeds.Seed(i)
			if err != nil {
				t.Fatal(err)
			}
			if err := seed.Input.Validate(); err != nil || seed.Label < input.Unlabelled {
				t.Fatal(err, seed.Label)
			}
		}
	})
}
