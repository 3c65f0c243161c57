package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/oip"
	"github.com/triggerfinder/triggerfinder/runtimes/oip/oiptest"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// serving is the argument by which this program is the server of package process.
const serving = "serve"

// program opens a model in another process.
func program(path string) (*process.Model, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return process.Open([]string{self, serving, path})
}

// networkOf is the network of a file.
func networkOf(path string) (network, error) {
	name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), ".onnx"), "-")
	n, ok := networks[name]
	if !ok {
		return n, fmt.Errorf("%s: expected a file of a network that is known, found %q", path, name)
	}
	return n, nil
}

// serve answers on standard output as docs/process-protocol.md says.
func serve(ctx context.Context, path string, from io.Reader, to io.Writer) error {
	n, err := networkOf(path)
	if err != nil {
		return err
	}
	m, err := n.onnx(path)
	if err != nil {
		return err
	}
	defer m.Close()
	in, out := bufio.NewReaderSize(from, 1<<16), bufio.NewWriter(to)
	fmt.Fprintf(out, `{"triggerfinder":1,"name":"program","inputs":[{"name":"pixels","type":"uint8","shape":[-1,%d,%d,%d]}],"outputs":[{"name":"scores","type":"float32","shape":[-1,10]}],"scores":"probabilities"}`+"\n",
		n.height, n.width, n.channels)
	var batch []input.Input
	var rows [][]float32
	var pixels, numbers []byte
	for out.Flush() == nil {
		var asked struct {
			ID     uint64
			Inputs []struct{ Shape []int }
		}
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = json.Unmarshal(line, &asked)
		}
		if err != nil {
			return err
		}
		count, size := asked.Inputs[0].Shape[0], n.height*n.width*n.channels
		for len(batch) < count {
			batch = append(batch, model.Must(input.NewImage(n.height, n.width, n.channels, make([]uint8, size))))
			pixels = append(pixels, make([]byte, size)...)
		}
		if _, err := io.ReadFull(in, pixels[:count*size]); err != nil {
			return err
		}
		for i := range count {
			for k, v := range pixels[i*size : (i+1)*size] {
				batch[i].Data[k] = float32(v)
			}
		}
		if rows, err = m.PredictInto(ctx, batch[:count], rows); err != nil {
			return err
		}
		numbers = numbers[:0]
		for _, row := range rows {
			if numbers, err = binary.Append(numbers, binary.LittleEndian, row); err != nil {
				return err
			}
		}
		fmt.Fprintf(out, `{"id":%d,"outputs":[{"name":"scores","type":"float32","shape":[%d,10]}]}`+"\n%s"+`{"end":%d}`+"\n", asked.ID, count, numbers, asked.ID)
	}
	return nil
}

// served is a model behind a server, which ends with it.
type served struct {
	*oip.Model
	end func()
}

// Close implements [io.Closer].
func (s served) Close() error {
	err := s.Model.Close()
	s.end()
	return err
}

// endpoint opens a model behind a KServe on this machine, which is started for it. What starts it is written for tests, and runs as a benchmark.
func (s settings) endpoint(path string) (model.BufferedPredictor, error) {
	opened := make(chan served)
	failed := make(chan string, 1)
	ended := make(chan struct{})
	stop := make(chan struct{})
	go func() {
		defer close(ended)
		testing.Benchmark(func(b *testing.B) {
			if b.N > 1 {
				return
			}
			defer func() {
				if b.Failed() || b.Skipped() {
					failed <- "expected a KServe that starts on this machine, found none; go test ./oiptest in runtimes/oip says why"
				}
			}()
			server := oiptest.KServeFiles(b, oiptest.Ports(b, 2), map[string]string{"model": path})
			options := []oip.Option{oip.Scale(1.0 / 255), oip.MessageLimit(8 << 20)}
			if s.network.mean != nil {
				options = append(options, oip.Mean(s.network.mean...), oip.Std(s.network.std...))
			}
			if s.network.output == "logits" {
				options = append(options, oip.Scores(oip.Logits))
			}
			m, err := oip.Open(server.GRPC, "model", options...)
			if err != nil {
				failed <- err.Error()
				return
			}
			opened <- served{m, func() { close(stop); <-ended }}
			<-stop
		})
	}()
	select {
	case m := <-opened:
		return m, nil
	case why := <-failed:
		<-ended
		return nil, errors.New(why)
	}
}
