package generators

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// dtype is a NumPy type of plain numbers.
type dtype struct {
	name    string // without byte order, such as "u1"
	size    int    // bytes
	integer bool
	at      func(order binary.ByteOrder, p []byte) float64
	order   binary.ByteOrder
}

// dtypes are the types that are read. Integers of 64 bits pass through float64: they are class
// indices or values of a domain, which is made of float32.
var dtypes = map[string]dtype{
	"u1": {size: 1, integer: true, at: func(_ binary.ByteOrder, p []byte) float64 { return float64(p[0]) }},
	"i1": {size: 1, integer: true, at: func(_ binary.ByteOrder, p []byte) float64 { return float64(int8(p[0])) }},
	"u2": {size: 2, integer: true, at: func(o binary.ByteOrder, p []byte) float64 { return float64(o.Uint16(p)) }},
	"i2": {size: 2, integer: true, at: func(o binary.ByteOrder, p []byte) float64 { return float64(int16(o.Uint16(p))) }},
	"u4": {size: 4, integer: true, at: func(o binary.ByteOrder, p []byte) float64 { return float64(o.Uint32(p)) }},
	"i4": {size: 4, integer: true, at: func(o binary.ByteOrder, p []byte) float64 { return float64(int32(o.Uint32(p))) }},
	"u8": {size: 8, integer: true, at: func(o binary.ByteOrder, p []byte) float64 { return float64(o.Uint64(p)) }},
	"i8": {size: 8, integer: true, at: func(o binary.ByteOrder, p []byte) float64 { return float64(int64(o.Uint64(p))) }},
	"f4": {size: 4, at: func(o binary.ByteOrder, p []byte) float64 { return float64(math.Float32frombits(o.Uint32(p))) }},
	"f8": {size: 8, at: func(o binary.ByteOrder, p []byte) float64 { return math.Float64frombits(o.Uint64(p)) }},
}

func parseDtype(descr string) (dtype, error) {
	name := strings.TrimLeft(descr, "<>|=")
	t, ok := dtypes[name]
	if !ok || len(descr)-len(name) > 1 {
		return dtype{}, fmt.Errorf("expected one of the types %s, found %q",
			strings.Join(slices.Sorted(maps.Keys(dtypes)), ", "), descr)
	}
	t.name, t.order = name, binary.LittleEndian
	if strings.HasPrefix(descr, ">") {
		t.order = binary.BigEndian
	}
	return t, nil
}

// decode converts the values of from, as many as fit to.
func (t dtype) decode(to []float32, from []byte) {
	if t.name == "u1" {
		bytesToFloats(to, from)
		return
	}
	for i := range to {
		to[i] = float32(t.at(t.order, from[i*t.size:]))
	}
}

// labels converts class indices. Fractions, which no label has, are kept out by the caller.
func (t dtype) labels(from []byte) []int {
	labels := make([]int, len(from)/t.size)
	for i := range labels {
		labels[i] = int(t.at(t.order, from[i*t.size:]))
	}
	return labels
}
