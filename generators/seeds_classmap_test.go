package generators_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestOpenClassMap(t *testing.T) {
	dir := t.TempDir()
	want := map[string]int{"cat": 3, "dog": 0, "sea horse": 1}
	list := map[string]int{"cat": 0, "dog": 1, "sea horse": 2}
	for name, test := range map[string]struct {
		content string
		labels  map[string]int
		names   []string
	}{
		"comma":    {"cat,3\ndog, 0\r\n\nsea horse,1\n", want, nil},
		"tab":      {"cat\t3\ndog\t0\nsea horse\t1", want, nil},
		"space":    {"cat 3\ndog 0\nsea horse 1\n", want, nil},
		"colon":    {"cat: 3\n'dog': 0\n\"sea horse\" = 1\n", want, nil},
		"list":     {"cat\ndog\nsea horse\n", list, nil},
		"bom":      {"\xef\xbb\xbfcat\ndog\nsea horse\n", list, nil},
		"index":    {`{"cat": 3, "dog": 0, "sea horse": 1}`, want, nil},
		"id2label": {`{"3": "cat", "0": "dog", "1": "sea horse"}`, want, nil},
		"imagenet": {` {"3": ["cat", "tabby"], "0": ["dog", "husky"], "1": ["sea horse", "seahorse"]}`, want, []string{"husky", "seahorse", "", "tabby"}},
	} {
		m, err := generators.OpenClassMap(writeFile(t, []byte(test.content), dir, name))
		if err != nil || !maps.Equal(m.Labels, test.labels) || !slices.Equal(m.Names, test.names) {
			t.Errorf("%s: %v, error %v", name, m, err)
		}
	}
	for content, want := range map[string]string{
		"":                            "class map: expected a class and its label a line, found none",
		"cat,3\ndog\n":                "found line 1 with a label and line 2 without",
		"cat\ndog 2\n":                "found line 2 with a label and line 1 without",
		"wnid,index\ncat,3\n":         `expected a class and its label a line, found a header in line 1 ("wnid,index"): leave it out`,
		"Class label\ncat 3\n":        `found a header in line 1 ("Class label")`,
		"cat,3\ncat,4\n":              `line 2: expected each class once, found "cat" again`,
		"cat,3\ndog,3\n":              `expected one class a label, found "cat" and "dog" with label 3`,
		"cat,-3\n":                    `class "cat": expected a label of 0 to 1048575, found -3`,
		"cat,3333333\n":               "found 3333333",
		"{}":                          `expected {"class": 0}, {"0": "class"} or {"0": ["class", "name"]}, found {}`,
		`{"cat": 1.5}`:                `found "cat": 1.5`,
		`{"cat": "dog"}`:              `found "cat": dog`,
		`{"0": ["cat"]}`:              `found "0": [cat]`,
		`{"0": null}`:                 `found "0": <nil>`,
		`{"0": "cat", "1": "cat"}`:    `expected each class once, found "cat" again`,
		`{"0": `:                      "unexpected end of JSON input",
		`{"99999999999": ["a", "b"]}`: "expected a label of 0 to 1048575",
	} {
		_, err := generators.OpenClassMap(writeFile(t, []byte(content), dir, "broken"))
		wantError(t, err, "generators: "+filepath.Join(dir, "broken")+": ", want)
	}
	_, err := generators.OpenClassMap(filepath.Join(dir, "missing"))
	wantError(t, err, "missing")
}

func TestClassNamesOfCIFAR(t *testing.T) {
	dir := t.TempDir()
	path := writeFile(t, cifarRecord(3), dir, "test_batch.bin")
	ten := "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"
	writeFile(t, []byte(ten), dir, "batches.meta.txt")
	for _, src := range []input.Seeds{model.Must(generators.CIFAR10(path)), model.Must(generators.Open(path))} {
		if names := input.ClassNamesOf(generators.First(src, 1)); strings.Join(names, "\n")+"\n\n" != ten {
			t.Errorf("class names %q", names)
		}
	}
	writeFile(t, []byte("airplane\n"), dir, "batches.meta.txt")
	src := model.Must(generators.CIFAR10(path))
	if input.ClassNamesOf(src) != nil || !slices.Equal(input.NotesOf(src), []string{"the class names beside the images are not taken: batches.meta.txt has 1, for 10 classes"}) {
		t.Errorf("class names %q, notes %q", input.ClassNamesOf(src), input.NotesOf(src))
	}
}
