package kinds_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/zoo/kinds"
)

// variables are the pairs by the names of the package, in the order of the cards.
var variables = []kinds.Pair{
	kinds.TableBoosting, kinds.TableMLP, kinds.TableRegression,
	kinds.Language, kinds.Keywords, kinds.KeywordsWave, kinds.Embedding, kinds.Detection, kinds.Segmentation,
}

func TestEachPairHasAVariable(t *testing.T) {
	var found, expected []string
	for _, p := range variables {
		found = append(found, p.Name)
	}
	for _, p := range kinds.Pairs() {
		expected = append(expected, p.Name)
	}
	if !slices.Equal(found, expected) {
		t.Errorf("expected variables for %q, found %q", expected, found)
	}
}

func TestEachFileBelongsToAPair(t *testing.T) {
	used := map[string]bool{}
	for _, p := range kinds.Pairs() {
		used[p.Original.File], used[p.Compressed.File], used[p.Seeds] = true, true, true
		if _, err := os.Stat(path.Join("cards", p.Name+".md")); err != nil {
			t.Errorf("%s: expected a card: %v", p.Name, err)
		}
	}
	total := 0
	err := fs.WalkDir(kinds.Files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(kinds.Files, file)
		total += len(data)
		if !used[file] && !used[path.Dir(file)] {
			t.Errorf("%s belongs to no pair", file)
		}
		return err
	})
	if err != nil || total == 0 || total > 1_600_000 {
		t.Errorf("expected at most 1.6 MB of files, found %d bytes (error %v)", total, err)
	}
}

// TestCardsAreOfTheseFiles keeps the measured figures and the models together.
func TestCardsAreOfTheseFiles(t *testing.T) {
	data, err := os.ReadFile("cards/index.json")
	if err != nil {
		t.Fatal(err)
	}
	type model struct{ File, SHA256 string }
	var cards struct {
		Pairs []struct{ Original, Compressed model }
	}
	if err := json.Unmarshal(data, &cards); err != nil {
		t.Fatal(err)
	}
	for _, p := range cards.Pairs {
		for _, m := range []model{p.Original, p.Compressed} {
			file, err := kinds.Files.ReadFile(m.File)
			if err != nil {
				t.Error(err)
				continue
			}
			if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != m.SHA256 {
				t.Errorf("%s is not the file that its card measured", m.File)
			}
		}
	}
}

func TestFiguresAndTensorsAreSaid(t *testing.T) {
	for _, p := range kinds.Pairs() {
		if p.Kind == "" || p.Task == "" || p.Metric == "" || p.HeldOut < 100 || p.Agreement <= 0 || p.Agreement > 1 {
			t.Errorf("%s: expected a kind, a task and what was measured, found %+v", p.Name, p)
		}
		if p.Original.Score <= 0 || p.Compressed.Score <= 0 || p.Original.Bytes == 0 || p.Compressed.Bytes == 0 {
			t.Errorf("%s: expected scores and sizes, found %+v and %+v", p.Name, p.Original, p.Compressed)
		}
		for _, tensor := range slices.Concat(p.Inputs, p.Outputs) {
			if tensor.Name == "" || tensor.Type == "" || len(tensor.Shape) == 0 || tensor.Shape[0] != -1 {
				t.Errorf("%s: expected a name, a type and any number of rows, found %+v", p.Name, tensor)
			}
		}
		if len(p.Inputs) == 0 || len(p.Outputs) == 0 || p.Task == "classification" && len(p.Labels) < 2 {
			t.Errorf("%s: expected inputs, outputs and labels, found %+v, %+v, %q", p.Name, p.Inputs, p.Outputs, p.Labels)
		}
	}
}

func TestRowsFitTheirColumns(t *testing.T) {
	tables := 0
	for _, p := range kinds.Pairs() {
		if p.Kind != "table" {
			continue
		}
		tables++
		data, err := kinds.Files.ReadFile(p.Seeds)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", p.Seeds, err)
		}
		if p.Inputs[0].Shape[1] != len(p.Columns) || len(rows[0]) != len(p.Columns)+1 || len(rows)-1 != p.HeldOut {
			t.Fatalf("%s: expected %d columns, one more in %s, and %d rows, found %d and %d and %d", p.Name,
				p.Inputs[0].Shape[1], p.Seeds, p.HeldOut, len(p.Columns), len(rows[0]), len(rows)-1)
		}
		for k, column := range p.Columns {
			if rows[0][k] != column.Name || column.Min >= column.Max {
				t.Errorf("%s: column %d is %q in %s, and %+v", p.Name, k, rows[0][k], p.Seeds, column)
			}
			for _, row := range rows[1:] {
				value, err := strconv.ParseFloat(row[k], 64)
				if _, after, _ := strings.Cut(row[k], "."); err != nil || len(after) != column.Decimals ||
					column.Values != nil && !slices.Contains(column.Values, value) {
					t.Errorf("%s: %s is %q, expected %d decimals and one of %v (error %v)", p.Seeds, column.Name, row[k],
						column.Decimals, column.Values, err)
				}
			}
		}
		for _, row := range rows[1:] {
			if last := row[len(row)-1]; p.Task == "classification" && !slices.Contains(p.Labels, last) {
				t.Errorf("%s: expected one of %q at the end of a row, found %q", p.Seeds, p.Labels, last)
			}
		}
	}
	if tables == 0 {
		t.Error("expected pairs of tables")
	}
}

func TestSentencesHaveLanguages(t *testing.T) {
	data, err := kinds.Files.ReadFile(kinds.Language.Seeds)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	if len(lines) < 50 {
		t.Errorf("expected more than %d sentences", len(lines))
	}
	for _, line := range lines {
		var seed struct{ Text, Label string }
		if err := json.Unmarshal([]byte(line), &seed); err != nil || len(seed.Text) < 20 || len(seed.Text) > 95 ||
			!slices.Contains(kinds.Language.Labels, seed.Label) {
			t.Errorf("expected a text of 20 to 95 bytes and one of %q, found %q (error %v)", kinds.Language.Labels, line, err)
		}
	}
}

// TestArraysFitTheModels reads the headers of the arrays.
func TestArraysFitTheModels(t *testing.T) {
	for _, c := range []struct {
		pair  kinds.Pair
		name  string // of the array for the model's input
		other []string
	}{
		{kinds.Keywords, "features", []string{"labels"}},
		{kinds.Embedding, "image", []string{"labels", "gallery", "gallery_labels"}},
		{kinds.Detection, "image", []string{"boxes", "masks"}},
		{kinds.Segmentation, "image", []string{"boxes", "masks"}},
	} {
		data, err := kinds.Files.ReadFile(c.pair.Seeds)
		if err != nil {
			t.Fatal(err)
		}
		archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatalf("%s: %v", c.pair.Seeds, err)
		}
		for _, name := range append([]string{c.name}, c.other...) {
			file, err := archive.Open(name + ".npy")
			if err != nil {
				t.Errorf("%s: %v", c.pair.Seeds, err)
				continue
			}
			header := make([]byte, 128)
			if _, err := io.ReadFull(file, header); err != nil {
				t.Fatalf("%s: %s: %v", c.pair.Seeds, name, err)
			}
			shape := c.pair.Inputs[0].Shape[1:]
			if c.pair.Kind == "image" { // models take planes, files hold pixels
				shape = []int{shape[1], shape[2], shape[0]}
			}
			rest := strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]")
			if name == c.name && !strings.Contains(string(header), ", "+rest+")") {
				t.Errorf("%s: expected %s of any number of (%s), found %q", c.pair.Seeds, name, rest, header)
			}
		}
	}
}

func TestVoicesAreShort(t *testing.T) {
	files, err := fs.ReadDir(kinds.Files, kinds.KeywordsWave.Seeds)
	if err != nil || len(files) < 10 {
		t.Fatalf("expected WAV files, found %d (error %v)", len(files), err)
	}
	for _, file := range files {
		data, err := kinds.Files.ReadFile(path.Join(kinds.KeywordsWave.Seeds, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		word, _, _ := strings.Cut(strings.TrimSuffix(file.Name(), ".wav"), "-")
		if !slices.Contains(kinds.KeywordsWave.Labels, word) {
			t.Errorf("%s: expected one of %q", file.Name(), kinds.KeywordsWave.Labels)
		}
		channels, rate := binary.LittleEndian.Uint16(data[22:]), binary.LittleEndian.Uint32(data[24:])
		bits, bytes := binary.LittleEndian.Uint16(data[34:]), len(data)-44
		if channels != 1 || rate != 8000 || bits != 16 || bytes < 2*1000 || bytes > 2*kinds.KeywordsWave.Inputs[0].Shape[1] {
			t.Errorf("%s: expected 16 bits at 8,000 Hz and at most a second, found %d channels, %d Hz, %d bits, %d bytes",
				file.Name(), channels, rate, bits, bytes)
		}
	}
}
