//go:build cgo && !windows

package litert_test

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"image/jpeg"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
)

// cifar is the archive of images that the test below runs on, beside the repository.
const cifar = "../../../shared/data/cifar10/cifar10-test-jpeg.zip"

// TestPythonGivesTheSameBits runs every embedded model on 2,000 images here and in Python's interpreter of LiteRT, with preprocessing and
// quantisation of each one's own. TRIGGERFINDER_LITERT_PYTHON names a Python that has ai-edge-litert; the default is python3.
func TestPythonGivesTheSameBits(t *testing.T) {
	python := os.Getenv("TRIGGERFINDER_LITERT_PYTHON")
	if python == "" {
		python = "python3"
	}
	if output, err := exec.Command(python, "-c", "import ai_edge_litert.interpreter").CombinedOutput(); err != nil {
		t.Skipf("no Python with ai-edge-litert: %v: %s", err, lastLine(output))
	}
	images := greyImages(t, 2000)
	var pixels []byte
	for _, in := range images {
		for _, v := range in.Data {
			pixels = append(pixels, byte(v))
		}
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "pixels.bin"), pixels)
	for _, name := range models() {
		m := embedded(t, name, litert.Scores(litert.Raw))
		content, err := fs.ReadFile(fixtures.Models, name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), content)
		out := filepath.Join(dir, name+".bin")
		command := exec.Command(python, "testdata/interpreter.py", filepath.Join(dir, name), filepath.Join(dir, "pixels.bin"), fmt.Sprint(len(images)), out)
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", name, err, output)
		}
		theirs, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		ours := predict(t, m, images...)
		steps(ours, m.Describe().Settings["output"])
		want := numbersOf(t, theirs, m.Describe().Settings["output"], len(ours)*len(ours[0]))
		others := 0
		for i, row := range ours {
			for k, v := range row {
				if math.Float32bits(v) != math.Float32bits(want[i*len(row)+k]) {
					others++
				}
			}
		}
		if others > 0 {
			t.Errorf("%s: %d of %d numbers are others than Python's", name, others, len(want))
		}
		t.Logf("%s: %d numbers, all with Python's bits: %v", name, len(want), others == 0)
	}
}

// models are the names of the embedded models.
func models() (names []string) {
	for _, p := range fixtures.LiteRTPairs() {
		for _, name := range []string{p.Original, p.Compressed} {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// numbersOf reads what Python has written, as an output of that description gives it.
func numbersOf(t *testing.T, data []byte, output string, count int) []float32 {
	t.Helper()
	want := make([]float32, count)
	if !strings.Contains(output, "int8") {
		if len(data) != 4*count {
			t.Fatalf("expected %d numbers, found %d bytes", count, len(data))
		}
		for i := range want {
			want[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
		return want
	}
	if len(data) != count {
		t.Fatalf("expected %d numbers, found %d bytes", count, len(data))
	}
	var scale float64
	var zero int
	at := strings.Index(output, "with scale ")
	if _, err := fmt.Sscanf(output[max(at, 0):], "with scale %g and zero point %d", &scale, &zero); err != nil {
		t.Fatalf("%q: %v", output, err)
	}
	for i, q := range data {
		want[i] = float32(int(int8(q)) - zero) // in steps: descriptions round the scale
	}
	return want
}

// steps turns numbers of an int8 output into whole steps of its scale, which is the smallest difference of two.
func steps(rows [][]float32, output string) {
	if !strings.Contains(output, "int8") {
		return
	}
	smallest := math.Inf(1)
	for _, row := range rows {
		for _, v := range row {
			if d := math.Abs(float64(v - rows[0][0])); d > 0 {
				smallest = min(smallest, d)
			}
		}
	}
	for _, row := range rows {
		for k, v := range row {
			row[k] = float32(math.Round(float64(v) / smallest))
		}
	}
}

// lastLine is the end of what a command wrote.
func lastLine(output []byte) string {
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	return lines[len(lines)-1]
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// greyImages are the middles of photographs, in grey, of the size that the fixtures take.
func greyImages(t *testing.T, n int) []input.Input {
	t.Helper()
	archive, err := zip.OpenReader(cifar)
	if err != nil {
		t.Skipf("no images: %v", err)
	}
	defer archive.Close()
	var all []input.Input
	for _, entry := range archive.File {
		if len(all) == n {
			break
		}
		if !strings.HasSuffix(entry.Name, ".jpg") {
			continue
		}
		content, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		picture, err := jpeg.Decode(content)
		_ = content.Close()
		if err != nil {
			t.Fatal(err)
		}
		in := input.Input{Shape: []int{28, 28, 1}, Domain: input.Bytes, Kind: input.Image}
		for y := range 28 {
			for x := range 28 {
				r, g, b, _ := picture.At(x+2, y+2).RGBA()
				in.Data = append(in.Data, float32((299*(r>>8)+587*(g>>8)+114*(b>>8)+500)/1000))
			}
		}
		all = append(all, in)
	}
	if len(all) < n {
		t.Fatalf("%s: expected %d images, found %d", cifar, n, len(all))
	}
	return all
}
