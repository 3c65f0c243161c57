package oip_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/oip"
	"github.com/triggerfinder/triggerfinder/runtimes/oip/oiptest"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// means is a model of 32x32x3 images that takes next to no time, so that what is measured is the way to it: the means of the channels as logits.
const means = `ir_version: 8 opset_import { version: 17 } graph { name: "means"
	node { op_type: "GlobalAveragePool" input: "x" output: "mean" } node { op_type: "Flatten" input: "mean" output: "y" }
	input { name: "x" type { tensor_type { elem_type: 1 shape { dim { dim_param: "n" } dim { dim_value: 3 } dim { dim_value: 32 } dim { dim_value: 32 } } } } }
	output { name: "y" type { tensor_type { elem_type: 1 shape { dim { dim_param: "n" } dim { dim_value: 3 } } } } } }`

// BenchmarkAgainstPython asks one KServe by turns from here, with preprocessing and softmax, and from a Python client of gRPC that sends raw
// tensors which it has ready: a model of 32x32x3 images, one request after another.
func BenchmarkAgainstPython(b *testing.B) {
	const rounds = 21
	var network onnxpb.ModelProto
	if err := prototext.Unmarshal([]byte(means), &network); err != nil {
		b.Fatal(err)
	}
	data, err := proto.Marshal(&network)
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "means.onnx")
	if err := os.WriteFile(file, data, 0o666); err != nil {
		b.Fatal(err)
	}
	s := oiptest.KServeFiles(b, oiptest.Ports(b, 2), map[string]string{"means": file})
	m, err := oip.Open(s.GRPC, "means", oip.Scale(1.0/255), oip.Scores(oip.Logits), oip.MessageLimit(8<<20))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	in, out := oiptest.Python(b, "kserve", "client.py", s.GRPC, "means", "x", "y", "3", "32", "32")
	lines := bufio.NewScanner(out)
	var images []input.Input
	for i := range 64 {
		pixels := make([]uint8, 32*32*3)
		for k := range pixels {
			pixels[k] = uint8(i*31 + k*7)
		}
		image, err := input.NewImage(32, 32, 3, pixels)
		if err != nil {
			b.Fatal(err)
		}
		images = append(images, image)
	}
	if err := m.Prepare(context.Background(), images[:2], nil); err != nil {
		b.Fatal(err)
	}
	for _, batch := range []int{1, 64} {
		count := map[int]int{1: 100, 64: 10}[batch]
		b.Run(fmt.Sprintf("batch%d", batch), func(b *testing.B) {
			for b.Loop() {
				var here, there, ratios []float64
				var rows [][]float32
				for round := range rounds + 1 {
					began := time.Now()
					for range count {
						if rows, err = m.PredictInto(context.Background(), images[:batch], rows); err != nil {
							b.Fatal(err)
						}
					}
					ours := time.Since(began).Seconds()
					if _, err := fmt.Fprintln(in, batch, count); err != nil || !lines.Scan() {
						b.Fatalf("the Python client ended: %v", err)
					}
					theirs, err := strconv.ParseFloat(strings.TrimSpace(lines.Text()), 64)
					if err != nil {
						b.Fatal(err)
					}
					if round > 0 { // the first one warms up
						here, there, ratios = append(here, ours), append(there, theirs), append(ratios, ours/theirs)
					}
				}
				b.ReportMetric(median(here)/float64(count)*1e6, "µs/request")
				b.ReportMetric(median(there)/float64(count)*1e6, "µs/request-Python")
				b.ReportMetric(median(ratios), "ratio")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
