package beam_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/npy"
	"github.com/triggerfinder/triggerfinder/input/pixels"
	"google.golang.org/protobuf/encoding/protowire"
)

func picture(t testing.TB, i int) []byte {
	t.Helper()
	png, err := pixels.EncodePNG(pixels.Draw(4, 5, 1, func(at int) float64 { return float64((i*7+at)%10) / 10 }))
	if err != nil {
		t.Fatal(err)
	}
	return png
}

func write(t testing.TB, file string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

// all are the seeds of a source, and errors of those that cannot be read.
func all(t testing.TB, seeds input.Seeds, err error) (found []input.Seed, bad []string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for i := range seeds.Len() {
		seed, err := seeds.Seed(i)
		if err != nil {
			bad = append(bad, err.Error())
			continue
		}
		found = append(found, seed)
	}
	return found, bad
}

func TestFoldersOfImagesAreThoseOfGenerators(t *testing.T) {
	flat, classes := t.TempDir(), t.TempDir()
	for i, name := range []string{"b", "a", "c-d", "c"} {
		write(t, filepath.Join(flat, name+".png"), picture(t, i))
		for j := range 3 {
			write(t, filepath.Join(classes, name, fmt.Sprintf("%d.png", j)), picture(t, i*3+j))
		}
	}
	write(t, filepath.Join(flat, "notes.txt"), nil)
	write(t, filepath.Join(classes, "a", ".hidden.png"), nil)
	for _, dir := range []string{flat, classes} {
		theirs, err := generators.ImageFolder(dir)
		want, _ := all(t, theirs, err)
		ours, err := beam.OpenSeeds(t.Context(), beam.Files{Paths: []string{dir}})
		got, _ := all(t, ours, err)
		if diff := cmp.Diff(want, got); diff != "" || len(got) < 4 {
			t.Errorf("%s: %s", dir, diff)
		}
		if diff := cmp.Diff(theirs.ClassNames(), input.ClassNamesOf(ours)); diff != "" {
			t.Error(diff)
		}
	}
}

// example is a tf.Example of an image and a label.
func example(image []byte, label int) []byte {
	wrap := func(number protowire.Number, v []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), v)
	}
	entry := func(name string, feature []byte) []byte {
		return wrap(1, append(wrap(1, []byte(name)), wrap(2, feature)...))
	}
	packed := wrap(1, protowire.AppendVarint(nil, uint64(label)))
	return wrap(1, append(entry("image/encoded", wrap(1, wrap(1, image))), entry("image/class/label", wrap(3, packed))...))
}

func tfRecord(examples ...[]byte) []byte {
	masked := func(data []byte) uint32 {
		sum := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
		return (sum>>15 | sum<<17) + 0xa282ead8
	}
	var file []byte
	for _, e := range examples {
		length := binary.LittleEndian.AppendUint64(nil, uint64(len(e)))
		file = binary.LittleEndian.AppendUint32(append(file, length...), masked(length))
		file = binary.LittleEndian.AppendUint32(append(file, e...), masked(e))
	}
	return file
}

func TestFilesOfManySeeds(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "images")
	var lines []string
	var raw, images [][]byte
	for i := range 5 {
		images = append(images, picture(t, i))
		write(t, filepath.Join(folder, fmt.Sprintf("%d.png", i)), images[i])
	}
	want, _ := all(t, must(generators.ImageFolder(folder)), nil)
	var records [][]byte
	for i, seed := range want {
		pixels := make([]byte, len(seed.Input.Data))
		for j, v := range seed.Input.Data {
			pixels[j] = byte(v)
		}
		raw = append(raw, pixels)
		records = append(records, example(images[i], i%3))
		lines = append(lines, fmt.Sprintf(`{"label": %d, "image": {"bytes": %q, "path": null}}`, i%3, base64.StdEncoding.EncodeToString(images[i])))
	}
	write(t, filepath.Join(dir, "a-0.tfrecord"), tfRecord(records[:2]...))
	write(t, filepath.Join(dir, "a-1.tfrecord"), tfRecord(records[2:]...))
	write(t, filepath.Join(dir, "a.jsonl"), []byte(strings.Join(lines, "\n")+"\n\n"))
	write(t, filepath.Join(dir, "raw.jsonl"), fmt.Appendf(nil, `{"pixels": %q, "y": 2}`, base64.StdEncoding.EncodeToString(raw[0])))
	var archive bytes.Buffer
	if err := npy.WriteArchive(&archive,
		npy.Named{Name: "images", Array: npy.Array{DType: npy.Uint8, Shape: []int{5, 4, 5, 1}, Data: slices.Concat(raw...)}},
		npy.Named{Name: "labels", Array: npy.Array{DType: npy.Uint8, Shape: []int{5}, Data: []byte{0, 1, 2, 0, 1}}}); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "a.npz"), archive.Bytes())
	for _, files := range []beam.Files{
		{Format: beam.TFRecord, Paths: []string{dir + "/a-*.tfrecord"}},
		{Format: beam.JSONL, Paths: []string{dir + "/a.jsonl"}},
		{Format: beam.NPZ, Paths: []string{dir + "/*.npz"}, Key: "images", Label: "labels"},
	} {
		seeds, err := beam.OpenSeeds(t.Context(), files)
		got, bad := all(t, seeds, err)
		if len(got) != 5 {
			t.Errorf("%s: found %d seeds, and %q", files.Format, len(got), bad)
			continue
		}
		for i, seed := range got {
			if seed.Label != i%3 || seed.Input.ID() != want[i].Input.ID() || seed.Name == "" {
				t.Errorf("%s: seed %d is %q of class %d; expected class %d", files.Format, i, seed.Name, seed.Label, i%3)
			}
		}
	}
	seeds, err := beam.OpenSeeds(t.Context(), beam.Files{Format: beam.JSONL, Paths: []string{dir + "/raw.jsonl"}, Key: "pixels", Label: "y", Shape: []int{4, 5, 1}})
	if got, bad := all(t, seeds, err); len(got) != 1 || got[0].Label != 2 || got[0].Input.ID() != want[0].Input.ID() {
		t.Errorf("found %v, and %q", got, bad)
	}
}

func must(seeds input.Seeds, err error) input.Seeds {
	if err != nil {
		panic(err)
	}
	return seeds
}

func TestBadFilesAreOneErrorEach(t *testing.T) {
	dir := t.TempDir()
	good := tfRecord(example(picture(t, 1), 1))
	damaged := bytes.Clone(good)
	damaged[40] ^= 1
	for name, content := range map[string][]byte{
		"cut.tfrecord": good[:len(good)-1], "damaged.tfrecord": damaged, "zipped.tfrecord": append([]byte{0x1f, 0x8b}, make([]byte, 30)...), "text.npz": []byte("text"),
		"bad.jsonl":      []byte("{\n{\"image\": 5}\n{\"image\": \"AAAA\", \"label\": -1}\n{}\n{\"image\": \"AAAA\"}"),
		"other.tfrecord": tfRecord([]byte{0xff, 0xff}, protowire.AppendTag(nil, 9, protowire.VarintType)),
	} {
		write(t, filepath.Join(dir, name), content)
	}
	for says, files := range map[string]beam.Files{
		"cut.tfrecord: record 0: expected ":                    {Format: beam.TFRecord, Paths: []string{dir + "/cut.tfrecord"}},
		"damaged.tfrecord: record 0: expected the checksum of": {Format: beam.TFRecord, Paths: []string{dir + "/damaged.tfrecord"}},
		"zipped.tfrecord: gzip: ":                              {Format: beam.TFRecord, Paths: []string{dir + "/zipped.tfrecord"}},
		"text.npz":                                             {Format: beam.NPZ, Paths: []string{dir + "/text.npz"}},
		"expected files of the format":                         {Format: beam.NPZ, Paths: []string{dir + "/none-*.npz"}},
		"missing.jsonl":                                        {Format: beam.JSONL, Paths: []string{dir + "/missing.jsonl"}},
		"expected PNG, JPEG":                                   {Paths: []string{dir}},
		`Format is "png"`:                                      {Format: "png", Paths: []string{dir}},
		"Paths is empty":                                       {},
		`Channels is "cmyk"`:                                   {Paths: []string{dir}, Channels: "cmyk"},
		"Shape is [1 2]":                                       {Paths: []string{dir}, Shape: []int{1, 2}},
	} {
		if _, err := beam.OpenSeeds(t.Context(), files); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
	for format, want := range map[string][]string{
		beam.JSONL:    {"bad.jsonl:1: expected a JSON object", `bad.jsonl:2: field "image": expected bytes in base64`, `bad.jsonl:3: field "label": expected a class`, `bad.jsonl:4: expected a field "image"`, "bad.jsonl:5: expected "},
		beam.TFRecord: {"other.tfrecord[0]: expected a tf.Example", "other.tfrecord[1]: expected "},
	} {
		seeds, err := beam.OpenSeeds(t.Context(), beam.Files{Format: format, Paths: []string{dir + "/" + strings.Split(want[0], ".")[0] + "." + format}})
		found, bad := all(t, seeds, err)
		if len(found) > 0 || len(bad) != len(want) {
			t.Errorf("%s: %d seeds, and errors %q", format, len(found), bad)
			continue
		}
		for i, says := range want {
			if !strings.Contains(bad[i], says) {
				t.Errorf("error %q; expected %q", bad[i], says)
			}
		}
	}
}
