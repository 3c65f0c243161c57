package report

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/npy"
)

// OpenRescue makes a store in a new folder for temporary files: for triggers whose own store cannot be written, so that
// they are not lost.
func OpenRescue() (*Store, error) {
	dir, err := os.MkdirTemp("", "triggerfinder-triggers-")
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return OpenStore(dir)
}

const (
	// shownChanges is of how many changed values a text tells each.
	shownChanges = 12
	// shownInput is how long the text of a whole input may be.
	shownInput = 4000
)

// InputInWords tells the input of a trigger, for where it cannot be saved: its changes from the seed where they are few,
// else all of its values in base64. Of an input that is too large for that it says that the same search makes it again.
func InputInWords(t *engine.Trigger) string {
	if t.Abridged() || len(t.Seed.Data) != len(t.Input.Data) {
		return "its input was not kept; the same search makes it again"
	}
	var changes []string
	for i, v := range t.Input.Data {
		if s := t.Seed.Data[i]; v != s {
			changes = append(changes, fmt.Sprintf("%s from %g to %g", valueName(t.Input, i), s, v))
		}
	}
	switch {
	case len(changes) == 0:
		return "its input is the seed itself"
	case len(changes) <= shownChanges:
		return "its input is the seed with " + strings.Join(changes, ", ")
	}
	as, data := "float32", []byte(nil)
	if dtypeOf(t.Input.Domain, t.Input.Data) == npy.Uint8 {
		as = "uint8"
		for _, v := range t.Input.Data {
			data = append(data, byte(v))
		}
	} else {
		data, _ = binary.Append(nil, binary.LittleEndian, t.Input.Data)
	}
	var packed bytes.Buffer
	w, _ := zlib.NewWriterLevel(&packed, zlib.BestCompression)
	_, _ = w.Write(data) // into memory
	_ = w.Close()
	text := base64.StdEncoding.EncodeToString(packed.Bytes())
	if len(text) > shownInput {
		return fmt.Sprintf("its input has %d values, too many to show; the same search makes it again", len(t.Input.Data))
	}
	what := fmt.Sprintf("%v %s", t.Input.Shape, as)
	if kind := t.Input.Kind; kind != input.Other && kind != input.Image {
		what = string(kind) + " " + what
	}
	if parts := partNames(t.Input); parts != "" {
		what += ", the searched ones of its parts " + parts + ", the others those of its seed"
	}
	return fmt.Sprintf("its input, %s, zlib in base64: %s", what, text)
}
