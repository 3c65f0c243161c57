package litert

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
)

// TestContent: a file that was written again computes the same, and all others something else.
func TestContent(t *testing.T) {
	known := map[string]string{}
	one := func(name string, data []byte) string {
		d := parsedIdentity(name, data)
		if d.Content == "" {
			t.Errorf("%s: what it computes is not known", name)
		} else if other, ok := known[d.Content]; ok {
			t.Errorf("%s and %s: the same", name, other)
		}
		known[d.Content] = name
		return d.Content
	}
	files, err := fs.Glob(fixtures.Models, "*.tflite")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		data, err := fs.ReadFile(fixtures.Models, file)
		if err != nil {
			t.Fatal(err)
		}
		one(file, data)
	}
	again := mustRead(t, "testdata/again.tflite")
	files, err = filepath.Glob("testdata/*.tflite")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data := mustRead(t, file)
		if _, err := parse(data); err != nil {
			continue
		}
		switch filepath.Base(file) {
		case "again.tflite":
		case "metadata.tflite": // "tiny" with labels, and without a signature
			if a, b := content(data), content(mustRead(t, "testdata/tiny.tflite")); a == "" || a != b {
				t.Errorf("with labels and without: %s, %s", a, b)
			}
		case "unknown-shape.tflite": // an operator whose options are not known here
			if c := content(data); c != "" {
				t.Errorf("%s: %s", file, c)
			}
		case "int16.tflite":
			if c := one(file, data); c != content(again) || bytes.Equal(data, again) {
				t.Errorf("%s and again.tflite: %s, %s", file, c, content(again))
			}
		default:
			one(file, data)
		}
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestContentCountsWhatMatters: another weight, scale, zero point, option or type makes another model.
func TestContentCountsWhatMatters(t *testing.T) {
	data, err := fs.ReadFile(fixtures.Models, "rescnn-int8.tflite")
	if err != nil {
		t.Fatal(err)
	}
	was := content(data)
	changed := func(what string, at int) {
		t.Helper()
		other := slices.Clone(data)
		other[at] ^= 2
		if content(other) == was {
			t.Errorf("%s at %d: another one computes the same", what, at)
		}
	}
	f := newFlatbuffer(data)
	root := f.follow(0)
	options, places := 0, 0
	root.tables(2, func(_ int, g table) {
		g.tables(3, func(_ int, o table) {
			if one, ok := o.table(4); ok && o.int8(3, 0) != optionsOf["RESHAPE"] {
				for number := range (one.length - 4) / 2 {
					if at := one.field(number); at > 0 {
						options++
						changed("an option", at)
					}
				}
			}
			at, _ := o.vector(1, 4)
			changed("an input", at)
		})
		g.tables(0, func(_ int, one table) {
			if q, ok := one.table(4); ok {
				for number, size := range map[int]int{2: 4, 3: 8} {
					if at, n := q.vector(number, size); n > 0 {
						places++
						changed("a scale or a zero point", at)
					}
				}
			}
			if at, n := one.vector(0, 4); n > 0 {
				changed("a shape", at)
			}
		})
	})
	root.tables(4, func(i int, b table) {
		if at, n := b.vector(0, 1); n > 1 {
			changed("a constant", at+n/2)
		}
	})
	if f.err != nil || options < 9 || places < 20 {
		t.Errorf("found %d options and %d scales and zero points (%v)", options, places, f.err)
	}
}
