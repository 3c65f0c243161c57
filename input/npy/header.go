package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Magic begins every NPY file.
const Magic = "\x93NUMPY"

const (
	// longestHeader is far more than a plain type and its shape need.
	longestHeader = 1 << 16
	// alignment is what the length of magic, version and header is a multiple of, as NumPy writes it.
	alignment = 64
)

// Header is what an NPY file says of its values, which follow it.
type Header struct {
	DType     DType
	BigEndian bool
	Fortran   bool // the first index runs fastest, not the last
	Shape     []int
	Size      int64 // bytes of the header itself: where the values begin
}

// ReadHeader reads the header of an NPY file and nothing behind it.
//
// It is a parser of its own since files come from elsewhere: npyio panics on some damaged headers and expects the keys in
// one order.
func ReadHeader(r io.Reader) (Header, error) {
	lead := make([]byte, len(Magic)+2)
	if n, err := io.ReadFull(r, lead); err != nil || string(lead[:len(Magic)]) != Magic {
		return Header{}, fmt.Errorf("expected an NPY file, which starts with %q, found %q", Magic, lead[:n])
	}
	length, width, err := readLength(r, lead[len(Magic)])
	if err != nil {
		return Header{}, err
	}
	text := make([]byte, length)
	if n, err := io.ReadFull(r, text); err != nil {
		return Header{}, fmt.Errorf("expected an NPY header of %d bytes, found %d: the file is truncated", length, n)
	}
	h, err := parseHeader(string(text))
	if err != nil {
		return Header{}, fmt.Errorf("NPY header %.200q: %w", strings.TrimSpace(string(text)), err)
	}
	h.Size = int64(len(lead) + width + length)
	return h, nil
}

// readLength also returns the width of the length field, which depends on the version of the format.
func readLength(r io.Reader, version byte) (length, width int, err error) {
	switch version {
	case 1:
		width = 2
	case 2, 3:
		width = 4
	default:
		return 0, 0, fmt.Errorf("expected version 1, 2 or 3 of the NPY format, found %d", version)
	}
	var field [4]byte
	if n, err := io.ReadFull(r, field[:width]); err != nil {
		return 0, 0, fmt.Errorf("expected the length of the NPY header in %d bytes, found %d: the file is truncated", width, n)
	}
	n := binary.LittleEndian.Uint32(field[:])
	if n > longestHeader {
		return 0, 0, fmt.Errorf("expected an NPY header of at most %d bytes, found %d", longestHeader, n)
	}
	return int(n), width, nil
}

// Bytes is how many bytes of values follow the header. A shape without values, or with more than a file may hold, is an
// error.
func (h Header) Bytes() (int64, error) {
	size := h.DType.Size()
	if size == 0 {
		return 0, h.DType.unknown()
	}
	n := int64(size)
	for _, d := range h.Shape {
		if d < 1 || n > math.MaxInt64/int64(d) {
			return 0, fmt.Errorf("shape %v: expected at least one value and a size that fits a file", h.Shape)
		}
		n *= int64(d)
	}
	return n, nil
}

// CheckBytes is an error where fewer bytes of values follow the header than it promises, and, if exact, where more do.
func (h Header) CheckBytes(found int64, exact bool) error {
	want, err := h.Bytes()
	if err != nil {
		return err
	}
	reason := ""
	if found < want {
		reason = ": the file is truncated"
	}
	if found < want || exact && found > want {
		return fmt.Errorf("shape %v of %s: expected %d bytes of values, found %d%s", h.Shape, h.DType, want, found, reason)
	}
	return nil
}

// Float32s converts the values at the beginning of from, as many as fit to. Numbers are rounded to the nearest float32.
// It panics where from has too few.
func (h Header) Float32s(to []float32, from []byte) {
	order, c := h.order(), codecs[h.DType]
	from = from[:len(to)*c.size]
	switch {
	case h.DType == Uint8:
		vec.BytesToFloats(to, from)
	case h.DType == Float32 && !h.BigEndian:
		for i := range to {
			to[i] = math.Float32frombits(binary.LittleEndian.Uint32(from[4*i:]))
		}
	case h.DType == Float32: // to the last bit, also those of NaN, which a way through float64 changes
		for i := range to {
			to[i] = math.Float32frombits(binary.BigEndian.Uint32(from[4*i:]))
		}
	default:
		for i := range to {
			to[i] = float32(c.at(order, from[i*c.size:]))
		}
	}
}

// Float64s converts all values of from. Integers beyond 53 bits are rounded; see [Array.Int64s].
func (h Header) Float64s(from []byte) []float64 {
	order, c := h.order(), codecs[h.DType]
	values := make([]float64, len(from)/c.size)
	for i := range values {
		values[i] = c.at(order, from[i*c.size:])
	}
	return values
}

func (h Header) order() binary.ByteOrder {
	if h.BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// RowMajor puts all values of an array into the order in which the last index runs fastest; values are returned as they
// are if they have it. They are as many bytes as [Header.Bytes] says.
func (h Header) RowMajor(values []byte) []byte {
	if !h.Fortran || len(h.Shape) < 2 {
		return values
	}
	size := h.DType.Size()
	strides, stride := make([]int, len(h.Shape)), size // in the file, in bytes
	for i, d := range h.Shape {
		strides[i], stride = stride, stride*d
	}
	to, index, at := make([]byte, 0, len(values)), make([]int, len(h.Shape)), 0
	for len(to) < len(values) {
		to = append(to, values[at:at+size]...)
		for i := len(index) - 1; i >= 0; i-- {
			index[i]++
			at += strides[i]
			if index[i] < h.Shape[i] {
				break
			}
			at -= strides[i] * h.Shape[i]
			index[i] = 0
		}
	}
	return to
}

// appendHeader appends what precedes the values of an array, as NumPy writes it.
func appendHeader(out []byte, d DType, shape []int) ([]byte, error) {
	var list strings.Builder
	for _, n := range shape {
		fmt.Fprintf(&list, "%d, ", n)
	}
	dims := strings.TrimSuffix(list.String(), " ")
	if len(shape) > 1 { // a tuple of one has a comma, one of several needs none
		dims = strings.TrimSuffix(dims, ",")
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", d.Descr(), dims)
	const before = len(Magic) + 4 // version and header length
	text += strings.Repeat(" ", alignment-(before+len(text)+1)%alignment) + "\n"
	if len(text) > math.MaxUint16 {
		return nil, fmt.Errorf("shape of %d dimensions: expected few enough for a header of %d bytes, found one of %d", len(shape), math.MaxUint16, len(text))
	}
	out = append(append(out, Magic...), 1, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(text)))
	return append(out, text...), nil
}
