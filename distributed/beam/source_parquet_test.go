package beam_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// parquetFile unpacks a file that pyarrow has written: testdata/parquet/make.py says how.
func parquetFile(t testing.TB, name string) string {
	t.Helper()
	packed, err := os.Open("testdata/parquet/" + name + ".parquet.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	file := filepath.Join(t.TempDir(), name+".parquet")
	write(t, file, model.Must(io.ReadAll(model.Must(gzip.NewReader(packed)))))
	return file
}

func TestParquetAsPyArrowWritesIt(t *testing.T) {
	for name, groups := range map[string]int{
		"huggingface": 3, "zstd": 3, "gzip-v2": 4, "brotli": 1, "small-pages": 1, "plain": 1, "delta": 1,
	} {
		t.Run(name, func(t *testing.T) {
			files := beam.Files{Format: beam.Parquet, Paths: []string{parquetFile(t, name)}}
			l, err := files.List(t.Context())
			if err != nil || len(l.Parts) != groups {
				t.Fatalf("%d parts, error %v; expected one of each of %d row groups", len(l.Parts), err, groups)
			}
			if names := []string{"bag", "boot", "coat"}; name == "huggingface" && !slices.Equal(l.ClassNames, names) {
				t.Errorf("class names %q; expected %q", l.ClassNames, names)
			}
			seeds, err := beam.OpenSeeds(t.Context(), files)
			got, bad := all(t, seeds, err)
			if len(got) != 25 || len(bad) > 0 {
				t.Fatalf("found %d seeds, and %q; expected 25", len(got), bad)
			}
			for i, seed := range got {
				want := make([]float32, 20)
				for at := range want {
					want[at] = float32((i*7 + at) % 10 * 25)
				}
				if diff := cmp.Diff(want, seed.Input.Data); diff != "" || seed.Label != i%3 || !slices.Equal(seed.Input.Shape, []int{4, 5, 1}) {
					t.Errorf("seed %d is of class %d: %s", i, seed.Label, diff)
				}
			}
			if got[24].Name != name+".parquet[24]" {
				t.Errorf("the last one is named %q", got[24].Name)
			}
			// From the middle of a row group.
			some, err := files.Open(t.Context(), beam.Part{Path: files.Paths[0], First: 13, Seeds: 6})
			inside, _ := all(t, some, err)
			if diff := cmp.Diff(got[13:19], inside); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPixelsInParquet(t *testing.T) {
	seeds, err := beam.OpenSeeds(t.Context(), beam.Files{Format: beam.Parquet, Paths: []string{parquetFile(t, "pixels")}, Key: "x", Label: "y", Shape: []int{5, 4, 1}})
	got, bad := all(t, seeds, err)
	if len(got) != 24 || len(bad) != 1 || bad[0] != "beam: pixels.parquet[3]: expected bytes, found none" {
		t.Fatalf("found %d seeds, and %q", len(got), bad)
	}
	if got[3].Label != input.Unlabelled || got[23].Label != 0 || got[23].Input.Data[19] != (24*20+19)%256 {
		t.Errorf("seed 4 is of class %d, the last one is %v", got[3].Label, got[23])
	}
}

func TestParquetThatIsRefused(t *testing.T) {
	good := parquetFile(t, "zstd")
	content := model.Must(os.ReadFile(good))
	short := filepath.Join(t.TempDir(), "short.parquet")
	write(t, short, content[:len(content)-100])
	for says, files := range map[string]beam.Files{
		"row group 0: expected no compression, or SNAPPY, GZIP, ZSTD or BROTLI, found LZ4_RAW": {Paths: []string{parquetFile(t, "lz4")}},
		"short.parquet: expected a Parquet file, which ends with":                              {Paths: []string{short}},
		`zstd.parquet: expected a column "picture", or picture.bytes, found image.`:            {Paths: []string{good}, Key: "picture"},
		`zstd.parquet: expected a column "class", found image.bytes, image.path`:               {Paths: []string{good}, Label: "class"},
		`column "label": expected bytes, found INT`:                                            {Paths: []string{good}, Key: "label"},
		`column "image.path": expected classes in whole numbers, found STRING`:                 {Paths: []string{good}, Label: "image.path"},
		`lists.parquet: expected a column "image", or image.bytes, found image.list`:           {Paths: []string{parquetFile(t, "lists")}},
		`column "image.list.element": expected bytes, found lists of INT`:                      {Paths: []string{parquetFile(t, "lists")}, Key: "image.list.element"},
	} {
		files.Format = beam.Parquet
		if _, err := beam.OpenSeeds(t.Context(), files); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
	// A page that is damaged is found when it is read.
	copy(content[len(content)/4:], make([]byte, 40))
	write(t, short, content)
	files := beam.Files{Format: beam.Parquet, Paths: []string{short}}
	l, err := files.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, part := range l.Parts {
		if _, err := files.Open(t.Context(), part); err != nil && strings.Contains(err.Error(), "short.parquet") {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("%d of %d parts cannot be read; expected one", failed, len(l.Parts))
	}
}
