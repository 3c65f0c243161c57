// Command goserver is a model behind standard input and output, as docs/process-protocol.md says, for programs in Go to copy.
//
//	go build ./examples/process/goserver && ./goserver model.onnx
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func main() {
	m := model.Must(onnx.Open(os.Args[1], onnx.Scale(fixtures.Scale)))
	d := m.Describe()
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	fmt.Fprintf(out, `{"triggerfinder":1,"name":%q,"sha256":%q,"inputs":[{"name":"pixels","type":"uint8","shape":[-1,28,28,1]}],`+
		`"outputs":[{"name":"scores","type":"float32","shape":[-1,10]}],"scores":"probabilities","settings":{"runtime":%q}}`+"\n", d.Name, d.SHA256, d.Settings["runtime"])
	for out.Flush() == nil {
		var asked struct {
			ID     uint64
			Inputs []struct{ Shape []int }
		}
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return // nobody asks any more
		}
		check(err)
		check(json.Unmarshal(line, &asked))
		batch := make([]input.Input, asked.Inputs[0].Shape[0])
		for i := range batch {
			pixels := make([]uint8, 28*28)
			_, err := io.ReadFull(in, pixels)
			check(err)
			batch[i] = model.Must(input.NewImage(28, 28, 1, pixels))
		}
		rows, err := m.Predict(context.Background(), batch)
		check(err)
		fmt.Fprintf(out, `{"id":%d,"outputs":[{"name":"scores","type":"float32","shape":[%d,10]}]}`+"\n", asked.ID, len(rows))
		for _, row := range rows {
			check(binary.Write(out, binary.LittleEndian, row))
		}
		fmt.Fprintf(out, `{"end":%d}`+"\n", asked.ID)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
