package beam

import (
	"bytes"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/model"
)

func FuzzTFRecord(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, rest, err := nextTFRecord(data); err == nil && len(rest) >= len(data) {
			t.Fatal("nothing was read")
		}
		if content, _, err := exampleOf(data, "image", "label"); err == nil && len(content) > len(data) {
			t.Fatal("more was read than there is")
		}
	})
}

func FuzzResults(f *testing.F) {
	settings := enginetest.BoundarySettings(nil)
	screening := model.Must(engine.Screen(f.Context(), enginetest.SmoothPair(), enginetest.PatternSeeds(3), settings))
	x := model.Must(engine.NewSeedSearch(f.Context(), enginetest.SmoothPair(), screening, settings))
	var file bytes.Buffer
	w := model.Must(newResultsWriter(&file))
	if err := x.SearchAll(f.Context(), 0, 3, enginetest.PatternSeeds(3).Seed, func(_ int, r *engine.SeedResult, err error) error {
		if err == nil {
			err = w.write(r)
		}
		return err
	}); err != nil {
		f.Fatal(err)
	}
	if err := w.end(); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		var again bytes.Buffer
		w := model.Must(newResultsWriter(&again))
		if eachResult(bytes.NewReader(data), w.write) != nil {
			return
		}
		if err := w.end(); err != nil || !bytes.Equal(again.Bytes(), data) {
			t.Fatalf("written otherwise than it was read (error %v)", err)
		}
	})
}
