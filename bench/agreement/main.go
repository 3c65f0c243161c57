// Agreement says how often runtimes give the same answers to the same network, on the test images of Fashion-MNIST: LiteRT with XNNPACK and with
// its built-in kernels, ONNX Runtime on what tf2onnx made of the .tflite file, on its CPU provider and on that of OpenVINO, and ONNX Runtime on
// the ONNX file that the .tflite file was made from.
//
//	venv/bin/python agreement/convert.py /tmp/converted ../fixtures/models/*.tflite
//	go run ./agreement -converted /tmp/converted
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/bench/command"
	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func main() {
	command.Main("agreement", run)
}

// files are models of the fixtures, as .tflite.
var files = []string{"lenet5", "lenet5-int8", "lenet5-dynamic", "rescnn", "rescnn-int8", "rescnn-dynamic"}

// openVINO is the argument by which this program answers for that provider, in a process of its own: one process loads one library.
const openVINO = "openvino"

type settings struct {
	converted, data string
	count           int
}

func run(ctx context.Context, args []string, log io.Writer) error {
	flags := flag.NewFlagSet("agreement", flag.ContinueOnError)
	flags.SetOutput(log)
	var s settings
	flags.StringVar(&s.converted, "converted", "", "folder of what agreement/convert.py has made; without it the conversions are left out")
	flags.StringVar(&s.data, "data", "/usr/share/datasets/fashion-mnist", "folder of t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz")
	flags.IntVar(&s.count, "images", 10_000, "how many test images")
	child := flags.String(openVINO, "", "answer for OpenVINO: an ONNX file, whose scores are written to standard output")
	if err := flags.Parse(args); err != nil {
		return err
	}
	images, labels, err := s.images()
	if err != nil {
		return err
	}
	if *child != "" {
		return answer(ctx, *child, images, os.Stdout)
	}
	table := page.Table{Labels: 2, Columns: []string{"file", "runtime", "accuracy", "other label", "of these ties", "largest difference of a score", "on average", "same bits"}}
	var versions []string
	for _, file := range files {
		ways, err := s.ways(ctx, file, images, log)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for i, w := range ways {
			if w.version != "" && !slices.Contains(versions, w.version) {
				versions = append(versions, w.version)
			}
			row := []any{file + ".tflite", w.name, fmt.Sprintf("%.2f %%", 100*accuracy(w.rows, labels))}
			switch {
			case i == 0:
				row = append(row, "", "", "", "", "")
			case w.why != "":
				row = []any{file + ".tflite", w.name, w.why, "", "", "", "", ""}
			default:
				row = append(row, compare(ways[0].rows, w.rows)...)
			}
			table.Add(row...)
		}
		fmt.Fprintln(log, file)
	}
	fmt.Printf("%s, %s; %s. %d test images; each row beside LiteRT with XNNPACK.\n\n%s", time.Now().Format(time.DateOnly), page.Machine(), strings.Join(versions, ", "), len(images), table.Markdown())
	return nil
}

func (s settings) images() (images []input.Input, labels []int, err error) {
	seeds, err := generators.IDX(filepath.Join(s.data, "t10k-images-idx3-ubyte.gz"), filepath.Join(s.data, "t10k-labels-idx1-ubyte.gz"))
	if err != nil {
		return nil, nil, err
	}
	for i := range min(s.count, seeds.Len()) {
		seed, err := seeds.Seed(i)
		if err != nil {
			return nil, nil, err
		}
		images, labels = append(images, seed.Input), append(labels, seed.Label)
	}
	return images, labels, nil
}

// way is one runtime with one file, and the probabilities that it gives.
type way struct {
	name, version string
	rows          [][]float32
	why           string // it gives none
}

// ways are all runtimes of a file, LiteRT with XNNPACK first.
func (s settings) ways(ctx context.Context, file string, images []input.Input, log io.Writer) (all []way, err error) {
	add := func(name string, m model.BufferedPredictor, err error) error {
		if err != nil {
			return err
		}
		defer m.(io.Closer).Close()
		rows, err := asked(ctx, m, images)
		all = append(all, way{name: name, version: m.(model.Describer).Describe().Settings["runtime"], rows: rows})
		return err
	}
	for _, on := range []bool{true, false} {
		m, err := litert.OpenFS(fixtures.Models, file+".tflite", litert.Scale(fixtures.Scale), litert.XNNPACK(on))
		if err := add(map[bool]string{true: "LiteRT, XNNPACK", false: "LiteRT, built-in kernels"}[on], m, err); err != nil {
			return nil, err
		}
	}
	if s.converted != "" {
		path := filepath.Join(s.converted, file+".onnx")
		m, err := onnx.Open(path, onnx.Scale(fixtures.Scale))
		if err := add("tf2onnx, ONNX Runtime", m, err); err != nil {
			return nil, err
		}
		w := way{name: "tf2onnx, OpenVINO"}
		if w.version, w.rows, err = s.elsewhere(ctx, path, len(images)); err != nil {
			fmt.Fprintf(log, "%s: OpenVINO: %v\n", file, err)
			w.why = "refused by OpenVINO"
		}
		all = append(all, w)
	}
	if _, err := fs.Stat(fixtures.Models, file+".onnx"); err == nil && !strings.Contains(file, "-") { // others were quantised by another quantiser
		m, err := onnx.OpenFS(fixtures.Models, file+".onnx", onnx.Scale(fixtures.Scale))
		if err := add("the ONNX file it was made from, ONNX Runtime", m, err); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// asked are the probabilities of each image, asked in batches.
func asked(ctx context.Context, m model.Predictor, images []input.Input) (rows [][]float32, err error) {
	for batch := range slices.Chunk(images, 100) {
		some, err := m.Predict(ctx, batch)
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

// elsewhere asks OpenVINO, in a process of its own.
func (s settings) elsewhere(ctx context.Context, path string, count int) (version string, rows [][]float32, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	c := exec.CommandContext(ctx, self, "-"+openVINO, path, "-data", s.data, "-images", fmt.Sprint(count))
	c.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1") // see docs/runtimes.md
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return "", nil, err
	}
	first, out, _ := bytes.Cut(out, []byte("\n"))
	numbers := make([]float32, len(out)/4)
	if _, err := binary.Decode(out, binary.LittleEndian, numbers); err != nil {
		return "", nil, err
	}
	if len(numbers) == 0 || len(numbers)%count != 0 {
		return "", nil, fmt.Errorf("expected scores of %d images, found %d numbers", count, len(numbers))
	}
	return string(first), slices.Collect(slices.Chunk(numbers, len(numbers)/count)), nil
}

// answer writes a line with the version, and the probabilities that a model has in OpenVINO.
func answer(ctx context.Context, path string, images []input.Input, to io.Writer) error {
	m, err := onnx.Open(path, onnx.Scale(fixtures.Scale), onnx.ExecutionProvider("openvino"))
	if err != nil {
		return err
	}
	defer m.Close()
	rows, err := asked(ctx, m, images)
	if err != nil {
		return err
	}
	for _, note := range m.Describe().Notes {
		fmt.Fprintf(os.Stderr, "%s: %s\n", path, note)
	}
	if _, err := fmt.Fprintf(to, "%s with OpenVINO\n", m.Describe().Settings["runtime"]); err != nil {
		return err
	}
	return binary.Write(to, binary.LittleEndian, slices.Concat(rows...))
}

// label is the first of the highest scores, and whether there are several.
func label(row []float32) (at int, tied bool) {
	most := slices.Max(row)
	at = slices.Index(row, most)
	return at, slices.Contains(row[at+1:], most)
}

func accuracy(rows [][]float32, labels []int) float64 {
	right := 0
	for i, row := range rows {
		if at, _ := label(row); at == labels[i] {
			right++
		}
	}
	return float64(right) / float64(max(1, len(rows)))
}

// compare tells how two runtimes differ.
func compare(a, b [][]float32) []any {
	others, ties, same := 0, 0, 0
	most, sum, count := 0.0, 0.0, 0
	for i := range a {
		x, tiedA := label(a[i])
		y, tiedB := label(b[i])
		if x != y {
			others++
			if tiedA || tiedB {
				ties++
			}
		}
		if slices.Equal(a[i], b[i]) {
			same++
		}
		for k := range a[i] {
			d := math.Abs(float64(a[i][k]) - float64(b[i][k]))
			most, sum, count = max(most, d), sum+d, count+1
		}
	}
	n := float64(len(a)) / 100
	return []any{fmt.Sprintf("%.2f %%", float64(others)/n), ties, fmt.Sprintf("%.2g", most), fmt.Sprintf("%.1g", sum/float64(count)), fmt.Sprintf("%.1f %%", float64(same)/n)}
}
