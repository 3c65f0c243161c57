package beam

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/model"
)

func FuzzTFRecord(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := exampleReader{r: bytes.NewReader(data)}
		for last := int64(-1); in.offset > last; {
			last = in.offset
			if _, err := in.next(); err != nil {
				break
			}
		}
		if in.offset > int64(len(data)) {
			t.Fatal("more was read than there is")
		}
		if content, _, err := exampleOf(data, "image", "label"); err == nil && len(content) > len(data) {
			t.Fatal("more was read than there is")
		}
	})
}

// FuzzFiles has files of many seeds listed, and all of their parts opened.
func FuzzFiles(f *testing.F) {
	formats := []string{NPY, NPZ, TFRecord, JSONL, Parquet}
	for i := range formats {
		f.Add(i, []byte("{\"image\": \"AAAA\"}\n"))
	}
	for _, file := range model.Must(filepath.Glob("testdata/parquet/*.gz")) {
		packed := model.Must(os.Open(file))
		f.Add(4, model.Must(io.ReadAll(model.Must(gzip.NewReader(packed)))))
		_ = packed.Close()
	}
	f.Fuzz(func(t *testing.T, format int, data []byte) {
		if format < 0 || format >= len(formats) || len(data) > 1<<16 {
			return
		}
		name := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
		files := Files{Format: formats[format], Paths: []string{name}}
		l, err := files.List(t.Context())
		if err != nil {
			return
		}
		if l.Seeds() > 1<<12 {
			return
		}
		for _, p := range l.Parts {
			seeds, err := files.Open(t.Context(), p)
			if err != nil {
				continue
			}
			if seeds.Len() != p.Seeds {
				t.Fatalf("listed %d seeds, opened %d", p.Seeds, seeds.Len())
			}
			for i := range p.Seeds {
				_, _ = seeds.Seed(i)
			}
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
