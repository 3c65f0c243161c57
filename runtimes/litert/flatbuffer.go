package litert

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A reader of FlatBuffers that holds every offset against the size of the file: what was cut off or damaged is an error, never a panic and
// never more work than the file is long.

// flatbuffer is a file in the making of an error: after the first one everything reads as nothing.
type flatbuffer struct {
	data []byte
	left int // elements of vectors that may still be read
	err  error
}

func newFlatbuffer(data []byte) *flatbuffer {
	return &flatbuffer{data: data, left: 1024 + 4*len(data)}
}

func (f *flatbuffer) fail(at, need int) {
	if f.err == nil {
		f.err = fmt.Errorf("a reference to %d bytes at %d of a file of %d bytes", need, at, len(f.data))
	}
}

// bytes are n bytes of the file, or nil.
func (f *flatbuffer) bytes(at, n int) []byte {
	if f.err != nil {
		return nil
	}
	if at < 0 || n < 0 || at > len(f.data) || n > len(f.data)-at {
		f.fail(at, n)
		return nil
	}
	return f.data[at : at+n]
}

func (f *flatbuffer) uint32(at int) uint32 {
	if b := f.bytes(at, 4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (f *flatbuffer) uint16(at int) int {
	if b := f.bytes(at, 2); b != nil {
		return int(binary.LittleEndian.Uint16(b))
	}
	return 0
}

// table is a table of the file, or none.
type table struct {
	f              *flatbuffer
	at             int
	vtable, length int
}

// follow is the table that the offset at a place leads to.
func (f *flatbuffer) follow(at int) table {
	to := at + int(f.uint32(at))
	vtable := to - int(int32(f.uint32(to)))
	length := f.uint16(vtable)
	if f.err != nil || f.bytes(vtable, length) == nil {
		return table{f: f}
	}
	return table{f, to, vtable, length}
}

// field is where a field of the table is, by its number in the schema; 0 where it is left out.
func (t table) field(number int) int {
	slot := 4 + 2*number
	if t.f.err != nil || slot+2 > t.length {
		return 0
	}
	if offset := t.f.uint16(t.vtable + slot); offset > 0 {
		return t.at + offset
	}
	return 0
}

func (t table) int8(number, otherwise int) int {
	if at := t.field(number); at > 0 {
		if b := t.f.bytes(at, 1); b != nil {
			return int(int8(b[0]))
		}
	}
	return otherwise
}

func (t table) int32(number int) int {
	if at := t.field(number); at > 0 {
		return int(int32(t.f.uint32(at)))
	}
	return 0
}

func (t table) uint64(number int) uint64 {
	if at := t.field(number); at > 0 {
		if b := t.f.bytes(at, 8); b != nil {
			return binary.LittleEndian.Uint64(b)
		}
	}
	return 0
}

// table is the table in a field; ok is false where there is none.
func (t table) table(number int) (inner table, ok bool) {
	at := t.field(number)
	if at == 0 {
		return table{f: t.f}, false
	}
	inner = t.f.follow(at)
	return inner, t.f.err == nil
}

// vector is where the elements of the vector in a field begin, and how many there are.
func (t table) vector(number, size int) (at, n int) {
	from := t.field(number)
	if from == 0 {
		return 0, 0
	}
	at = from + int(t.f.uint32(from))
	n = int(t.f.uint32(at))
	at += 4
	if t.f.err != nil {
		return 0, 0
	}
	if at < 0 || at > len(t.f.data) || n > (len(t.f.data)-at)/size {
		t.f.fail(at, n*size)
		return 0, 0
	}
	return at, n
}

// count takes elements from what may be read: vectors may lie over each other, so that little data would be much work.
func (t table) count(n int) bool {
	if t.f.left -= n; t.f.left < 0 && t.f.err == nil {
		t.f.err = fmt.Errorf("more vectors than a file of %d bytes can hold", len(t.f.data))
	}
	return t.f.err == nil
}

// bytesOf are the bytes of a vector.
func (t table) bytesOf(number int) []byte {
	at, n := t.vector(number, 1)
	if n == 0 {
		return nil
	}
	return t.f.bytes(at, n)
}

func (t table) text(number int) string {
	b := t.bytesOf(number)
	if !t.count(len(b) / 4) {
		return ""
	}
	return string(b)
}

func (t table) int32s(number int) []int {
	at, n := t.vector(number, 4)
	if n == 0 || !t.count(n) {
		return nil
	}
	all := make([]int, n)
	for i := range all {
		all[i] = int(int32(t.f.uint32(at + 4*i)))
	}
	return all
}

func (t table) int64s(number int) []int64 {
	at, n := t.vector(number, 8)
	if n == 0 || !t.count(n) {
		return nil
	}
	all := make([]int64, n)
	for i := range all {
		all[i] = int64(binary.LittleEndian.Uint64(t.f.data[at+8*i:]))
	}
	return all
}

func (t table) float32s(number int) []float64 {
	at, n := t.vector(number, 4)
	if n == 0 || !t.count(n) {
		return nil
	}
	all := make([]float64, n)
	for i := range all {
		all[i] = float64(math.Float32frombits(t.f.uint32(at + 4*i)))
	}
	return all
}

// tables visits those of a vector.
func (t table) tables(number int, visit func(i int, one table)) {
	at, n := t.vector(number, 4)
	if n == 0 || !t.count(n) {
		return
	}
	for i := 0; i < n && t.f.err == nil; i++ {
		if one := t.f.follow(at + 4*i); t.f.err == nil {
			visit(i, one)
		}
	}
}
