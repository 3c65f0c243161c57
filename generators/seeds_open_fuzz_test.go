package generators

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
)

// FuzzOpen starts from the files in testdata/fuzz/FuzzOpen.
func FuzzOpen(f *testing.F) {
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		file := inMemory(name, content)
		for _, o := range []arrayOptions{{}, {hasDomain: true, domain: engine.Domain{Min: 0, Max: 1}}} {
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
			if label < engine.Unlabelled {
				t.Fatalf("label %d", label)
			}
		}
	})
}
