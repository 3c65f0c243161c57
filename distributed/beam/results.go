package beam

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/triggerfinder/triggerfinder/engine"
)

// A file of results holds those of one piece of work: what begins it, with the version last, each result as [engine.SeedResult] is written, behind its
// length, and a length of 0 at the end. Each result has a checksum.
const resultsFormat = "triggerfinder results\x00\x01"

// mostOfAResult is how large one may be.
const mostOfAResult = 1 << 30

// resultsWriter writes a file of results.
type resultsWriter struct {
	w *bufio.Writer
}

func newResultsWriter(w io.Writer) (*resultsWriter, error) {
	b := bufio.NewWriterSize(w, 1<<18)
	_, err := b.WriteString(resultsFormat)
	return &resultsWriter{b}, err
}

func (w *resultsWriter) write(r *engine.SeedResult) error {
	data, err := r.MarshalBinary()
	if err != nil {
		return err
	}
	if _, err := w.w.Write(binary.AppendUvarint(nil, uint64(len(data)))); err != nil {
		return err
	}
	_, err = w.w.Write(data)
	return err
}

func (w *resultsWriter) end() error {
	if err := w.w.WriteByte(0); err != nil {
		return err
	}
	return w.w.Flush()
}

// eachResult calls do with each result of a file. A file that is cut off or damaged is an error.
func eachResult(r io.Reader, do func(*engine.SeedResult) error) error {
	b := bufio.NewReaderSize(r, 1<<18)
	head := make([]byte, len(resultsFormat))
	if _, err := io.ReadFull(b, head); err != nil || !bytes.Equal(head[:len(head)-1], []byte(resultsFormat[:len(head)-1])) {
		return errors.New("expected a file of results, found another one")
	}
	if version := head[len(head)-1]; version != resultsFormat[len(head)-1] {
		return fmt.Errorf("format version is %d; expected %d", version, resultsFormat[len(head)-1])
	}
	var data bytes.Buffer
	for n := 1; ; n++ {
		length, err := binary.ReadUvarint(b)
		switch {
		case err != nil:
			return fmt.Errorf("result %d: expected one, or the end of the file, found it cut off", n)
		case length == 0:
			if _, err := b.ReadByte(); err != io.EOF {
				return errors.New("expected the end of the file, found more")
			}
			return nil
		case length > mostOfAResult:
			return fmt.Errorf("result %d: expected at most %d bytes, found %d", n, mostOfAResult, length)
		}
		data.Reset()
		if _, err := io.CopyN(&data, b, int64(length)); err != nil {
			return fmt.Errorf("result %d: expected %d bytes, found it cut off", n, length)
		}
		var result engine.SeedResult
		if err := result.UnmarshalBinary(data.Bytes()); err != nil {
			return fmt.Errorf("result %d: %w", n, err)
		}
		if err := do(&result); err != nil {
			return err
		}
	}
}

// EachResult calls do with each result of a file that an [Outcome] names, wherever that lies.
func EachResult(ctx context.Context, file string, do func(*engine.SeedResult) error) error {
	err := on(ctx, file, func(fs filesystem.Interface) error {
		r, err := fs.OpenRead(ctx, file)
		if err != nil {
			return err
		}
		defer r.Close()
		return eachResult(r, do)
	})
	if err != nil {
		return fmt.Errorf("beam: %w", err)
	}
	return nil
}
