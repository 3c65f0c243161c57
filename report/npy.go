package report

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
)

// The codec of NumPy's file format is our own: it is short, it writes every shape, and it refuses
// every file that is not exactly what its header says.

const (
	npyMagic = "\x93NUMPY"
	npyBytes = "|u1"
	npyFloat = "<f4"
	// npyAlignment is what the length of magic, version and header is a multiple of.
	npyAlignment = 64
	mostValues   = math.MaxInt32 / 4
)

var npyHeader = regexp.MustCompile(
	`^\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\),? ?\}[ \n]*$`)

// npyType is the type that holds the input exactly: bytes for 8-bit inputs, else float32.
func npyType(in engine.Input) string {
	isByte := func(v float32) bool { return float32(uint8(v)) == v && !math.Signbit(float64(v)) }
	for _, v := range in.Data {
		if in.Domain != engine.Bytes || !isByte(v) {
			return npyFloat
		}
	}
	return npyBytes
}

func encodeNPY(in engine.Input) []byte {
	dtype := npyType(in)
	return appendValues(npyStart(dtype, in.Shape), dtype, in.Data)
}

// npyStart is what precedes the values of an array.
func npyStart(dtype string, dims []int) []byte {
	var list strings.Builder
	for _, d := range dims {
		fmt.Fprintf(&list, "%d, ", d)
	}
	shape := strings.TrimSuffix(list.String(), " ")
	if len(dims) > 1 {
		shape = strings.TrimSuffix(shape, ",")
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", dtype, shape)
	const before = len(npyMagic) + 4 // version and header length
	padding := npyAlignment - (before+len(header)+1)%npyAlignment
	header += strings.Repeat(" ", padding) + "\n"

	out := []byte(npyMagic + "\x01\x00")
	out = binary.LittleEndian.AppendUint16(out, uint16(len(header)))
	return append(out, header...)
}

// appendValues appends values as bytes or float32.
func appendValues(out []byte, dtype string, values []float32) []byte {
	for _, v := range values {
		if dtype == npyBytes {
			out = append(out, uint8(v))
		} else {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
		}
	}
	return out
}

// decodeNPY reads an array of bytes or float32.
func decodeNPY(file []byte) (shape []int, data []float32, err error) {
	header, body, err := splitNPY(file)
	if err != nil {
		return nil, nil, err
	}
	m := npyHeader.FindSubmatch(header)
	if m == nil {
		return nil, nil, fmt.Errorf("header %.80q: expected NumPy's dictionary of descr, fortran_order and shape", header)
	}
	dtype, order := string(m[1]), string(m[2])
	size := 4
	switch dtype {
	case npyBytes:
		size = 1
	case npyFloat:
	default:
		return nil, nil, fmt.Errorf("type %.20q: expected %q (8-bit inputs) or %q", dtype, npyBytes, npyFloat)
	}
	if order != "False" {
		return nil, nil, fmt.Errorf("fortran_order True: expected row-major order")
	}
	shape, err = parseShape(string(m[3]))
	if err != nil {
		return nil, nil, err
	}
	n := 1
	for _, d := range shape {
		if n > mostValues/d {
			return nil, nil, fmt.Errorf("shape %v: expected at most %d values", shape, mostValues)
		}
		n *= d
	}
	if n*size != len(body) {
		return nil, nil, fmt.Errorf("shape %v of type %s: expected %d bytes of data, found %d", shape, dtype, n*size, len(body))
	}
	data = make([]float32, n)
	for i := range data {
		if size == 1 {
			data[i] = float32(body[i])
		} else {
			data[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[4*i:]))
		}
	}
	return shape, data, nil
}

func splitNPY(file []byte) (header, body []byte, err error) {
	if !bytes.HasPrefix(file, []byte(npyMagic)) {
		return nil, nil, fmt.Errorf("expected a NumPy file, found one that begins with %.8q", file[:min(8, len(file))])
	}
	file = file[len(npyMagic):]
	var length, at int
	switch {
	case len(file) >= 4 && file[0] == 1:
		length, at = int(binary.LittleEndian.Uint16(file[2:])), 4
	case len(file) >= 6 && (file[0] == 2 || file[0] == 3):
		length, at = int(binary.LittleEndian.Uint32(file[2:])), 6
	default:
		return nil, nil, fmt.Errorf("expected version 1, 2 or 3 of NumPy's format, found another or a truncated file")
	}
	if length < 0 || length > len(file)-at {
		return nil, nil, fmt.Errorf("expected a header of %d bytes, found %d: the file is truncated", length, len(file)-at)
	}
	return file[at : at+length], file[at+length:], nil
}

// parseShape reads the inside of a Python tuple: "28, 28, 1" or "5,".
func parseShape(s string) ([]int, error) {
	bad := fmt.Errorf("shape (%.40s): expected dimensions of at least 1", s)
	parts := strings.Split(strings.TrimSpace(s), ",")
	if len(parts) > 1 && strings.TrimSpace(parts[len(parts)-1]) == "" {
		parts = slices.Delete(parts, len(parts)-1, len(parts))
	}
	shape := make([]int, len(parts))
	for i, p := range parts {
		d, err := strconv.ParseInt(strings.TrimSpace(p), 10, 32)
		if err != nil || d < 1 {
			return nil, bad
		}
		shape[i] = int(d)
	}
	return shape, nil
}
