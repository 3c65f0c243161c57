package generators

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
)

// addFiles adds the content of files as the corpus to start from.
func addFiles(f *testing.F, pattern string) {
	f.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		f.Fatalf("%s: expected files, found %d (%v)", pattern, len(paths), err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
}

// checkFuzzed reads seeds of a file that may hold anything: each one is valid or an error.
func checkFuzzed(t *testing.T, src input.Seeds, err error) {
	t.Helper()
	if err != nil {
		return
	}
	if src.Len() < 1 {
		t.Fatal("expected at least one seed or an error")
	}
	for _, i := range []int{0, src.Len() / 2, src.Len() - 1} {
		seed, err := src.Seed(i)
		if err != nil {
			continue
		}
		if err := seed.Input.Validate(); err != nil {
			t.Fatalf("seed %d: %v", i, err)
		}
		if seed.Label < input.Unlabelled || seed.Name == "" {
			t.Fatalf("seed %d: label %d, name %q", i, seed.Label, seed.Name)
		}
	}
}

func FuzzIDX(f *testing.F) {
	f.Add([]byte{0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 7, 8}, []byte{0, 0, 8, 1, 0, 0, 0, 1, 5})
	f.Add([]byte{0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9}, []byte{0, 0, 8, 1, 0, 0, 0, 0})
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}, []byte{})
	f.Fuzz(func(t *testing.T, images, labels []byte) {
		files := map[string]blob{"images": inMemory("images", images), "labels": inMemory("labels", labels)}
		open := func(path string) (blob, error) { return files[path], nil }
		src, err := newIDX(open, "images", "")
		checkFuzzed(t, src, err)
		src, err = newIDX(open, "images", "labels")
		checkFuzzed(t, src, err)
	})
}

func FuzzCIFAR(f *testing.F) {
	f.Add(make([]byte, 3073))
	f.Add(slices.Repeat([]byte{9}, 2*3074))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, layout := range []cifarLayout{{labels: 1, classes: 10}, {labels: 2, classes: 100}} {
			c := &cifar{layout: layout}
			checkFuzzed(t, c, c.add(inMemory("file", content)))
		}
	})
}

func FuzzArray(f *testing.F) {
	addFiles(f, "../input/npy/testdata/arrays/*.npy")
	addFiles(f, "../input/npy/testdata/types/*.npy")
	f.Fuzz(func(t *testing.T, content []byte) {
		a, err := parseNPY(inMemory("file", content))
		if err != nil {
			return
		}
		for _, o := range []arrayOptions{
			{}, {single: true}, {hasDomain: true, domain: input.Domain{Min: -1, Max: 1}},
			{hasDomain: true, domain: input.Domain{Min: 0, Max: 255, Step: 1}, shape: []int{3, 4}},
		} {
			src, err := a.seeds(o)
			checkFuzzed(t, src, err)
			if err == nil {
				labelled, err := src.withLabels(a)
				checkFuzzed(t, labelled, err)
			}
		}
	})
}

func FuzzArchive(f *testing.F) {
	addFiles(f, "../input/npy/testdata/arrays/*.npz")
	addFiles(f, "../input/npy/testdata/types/*.npz")
	f.Fuzz(func(t *testing.T, content []byte) {
		a, err := openArchive(inMemory("file", content))
		if err != nil {
			return
		}
		for _, key := range []string{"", "x_test"} {
			src, err := a.seeds(key, arrayOptions{labelKey: "y_test"})
			checkFuzzed(t, src, err)
		}
	})
}

func FuzzClassMap(f *testing.F) {
	for _, text := range []string{"cat,3\ndog, 0\n", "cat\ndog\n", `{"cat": 3}`, `{"0": "cat"}`, `{"0": ["n1", "cat"]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		m, err := parseClassMap(content)
		if err != nil {
			return
		}
		if len(m.Labels) == 0 || len(m.Names) > mostClasses {
			t.Fatalf("%v", m)
		}
		names, err := m.names(0)
		if err != nil {
			return
		}
		for name, label := range m.Labels {
			if names[label] != name && (label >= len(m.Names) || names[label] != m.Names[label]) {
				t.Fatalf("%q with label %d in %q", name, label, names)
			}
		}
	})
}

// FuzzOpen starts from the files in testdata/fuzz/FuzzOpen.
func FuzzOpen(f *testing.F) {
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		file := inMemory(name, content)
		for _, o := range []arrayOptions{{}, {hasDomain: true, domain: input.Domain{Min: 0, Max: 1}}} {
			seeds, err := openSeeds(file, o)
			if (seeds == nil) == (err == nil) {
				t.Fatalf("expected seeds or an error, found %v and %v", seeds, err)
			}
			checkFuzzed(t, seeds, err)
			format, _ := formatOf(file)
			if format == unknownFormat && err == nil {
				t.Fatal("seeds in no known format")
			}
		}
		labels, err := parseLabels(file)
		if err == nil && len(labels) == 0 {
			t.Fatal("expected labels or an error")
		}
		for _, label := range labels {
			if label < input.Unlabelled {
				t.Fatalf("label %d", label)
			}
		}
	})
}
