package litert

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"math"
	"slices"
)

// content is a hash of what a file computes: of its graphs, operators with their options, and tensors with their types, shapes, scales and
// constants. Files have the same one when they differ in names, metadata, descriptions, in where constants lie, in the order of tensors, and in
// tensors that nothing uses. Of several signatures the names count, as they say which one is run. It is "" for what is not understood well enough to
// say so: sparse constants, and operators whose options are not among [knownOptions]. The file has been parsed without an error.
func content(file []byte) string {
	f := newFlatbuffer(file)
	root := f.follow(0)
	c := &contentWriter{h: sha256.New(), buffers: readBuffers(root, len(file))}
	c.text("triggerfinder tflite content 1")
	var codes []table
	root.tables(1, func(_ int, t table) { codes = append(codes, t) })
	root.tables(2, func(_ int, t table) { c.graph(t, codes) })
	signatures := 0
	root.tables(7, func(int, table) { signatures++ })
	root.tables(7, func(_ int, t table) {
		if signatures > 1 || t.int32(4) != 0 { // one of the first graph is run where there is none, too
			c.numbers(t.int32(4))
			c.text(t.text(2))
		}
	})
	if f.err != nil || c.unknown {
		return ""
	}
	return hex.EncodeToString(c.h.Sum(nil))
}

// contentWriter writes lists with their lengths, so that no two are written alike.
type contentWriter struct {
	h       hash.Hash
	buffers [][]byte
	unknown bool // something has no canonical form
}

func (c *contentWriter) numbers(list ...int) {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(list)))
	for _, n := range list {
		out = binary.LittleEndian.AppendUint64(out, uint64(n))
	}
	c.h.Write(out)
}

func (c *contentWriter) bytes(b []byte) {
	c.h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(b))))
	c.h.Write(b)
}

func (c *contentWriter) text(s string) { c.bytes([]byte(s)) }

// graph writes a graph. A tensor is written where it occurs first, and goes by that place from there on.
func (c *contentWriter) graph(g table, codes []table) {
	var tensors []table
	g.tables(0, func(_ int, t table) { tensors = append(tensors, t) })
	places := map[int]int{}
	refer := func(list []int) {
		c.numbers(len(list))
		for _, i := range list {
			if i < 0 || i >= len(tensors) {
				c.numbers(-1)
				continue
			}
			place, known := places[i]
			if !known {
				place = len(places)
				places[i] = place
			}
			c.numbers(place)
			if !known {
				c.tensor(tensors[i])
			}
		}
	}
	refer(g.int32s(1))
	operators := 0
	g.tables(3, func(_ int, o table) {
		operators++
		at := o.int32(0)
		if at < 0 || at >= len(codes) {
			c.unknown = true
			return
		}
		code := readOperatorCode(codes[at])
		c.numbers(code.builtin, max(1, codes[at].int32(2)))
		c.text(code.custom)
		refer(o.int32s(1))
		refer(o.int32s(2))
		refer(o.int32s(8)) // intermediates
		c.bytes(o.bytesOf(5))
		c.bytes(o.bytesOf(7)) // inputs that it changes
		c.options(o)
	})
	c.numbers(operators)
	refer(g.int32s(2))
}

func (c *contentWriter) tensor(t table) {
	c.numbers(t.int8(1, 0), t.int8(5, 0), t.int8(8, 0))
	c.numbers(t.int32s(0)...)
	c.numbers(t.int32s(7)...)
	if q, ok := t.table(4); ok {
		c.unknown = c.unknown || q.int8(4, 0) != 0 // another sort of quantisation
		for _, scale := range q.float32s(2) {
			c.numbers(int(math.Float32bits(float32(scale))))
		}
		for _, zero := range q.int64s(3) {
			c.numbers(int(zero))
		}
		c.numbers(len(q.float32s(2)), len(q.int64s(3)), q.int32(6))
	}
	c.unknown = c.unknown || t.field(6) > 0 || t.field(9) > 0 // sparse, or of no one type
	if at := t.int32(2); at > 0 && at < len(c.buffers) {
		c.bytes(c.buffers[at])
	} else {
		c.bytes(nil)
	}
}

// knownOptions are the kinds of options whose fields are plain numbers, but for the two that have a list: those of usual operators, and by
// their numbers in the schema those of SPACE_TO_DEPTH, EXP, TOPK_V2, LOG_SOFTMAX, DEQUANTIZE, LESS, NEG, PADV2, GREATER, SELECT, SLICE, TILE, EQUAL,
// SHAPE, POW, UNPACK, SQUARE, FILL, RANGE, RESIZE_NEAREST_NEIGHBOR, SQUARED_DIFFERENCE, MIRROR_PAD, ABS, SPLIT_V, GATHER_ND, COS, RANK, QUANTIZE,
// HARD_SWISH, DEPTH_TO_SPACE, SELECT_V2, CUMSUM and BROADCAST_TO.
var knownOptions = append(slices.Collect(maps.Values(optionsOf)),
	19, 33, 34, 36, 38, 41, 42, 43, 44, 47, 48, 51, 53, 55, 56, 64, 66, 68, 73, 74, 76, 77, 78, 79, 83, 84, 86, 89, 91, 94, 98, 102, 104)

// options writes those of an operator, field by field. How wide a field is follows from where the next one begins; what lies between is zeros.
func (c *contentWriter) options(o table) {
	kind := o.int8(3, 0)
	c.numbers(kind)
	switch {
	case o.field(9) > 0 || o.int8(11, 0) != 0 || kind != 0 && !slices.Contains(knownOptions, kind):
		c.unknown = true
		return
	case kind == 0:
		return
	}
	options, ok := o.table(4)
	if !ok {
		return
	}
	if kind == optionsOf["RESHAPE"] || kind == optionsOf["SQUEEZE"] {
		c.numbers(options.int32s(0)...)
		return
	}
	ends := []int{options.at + options.f.uint16(options.vtable+2)}
	for number := range (options.length - 4) / 2 {
		if at := options.field(number); at > 0 {
			ends = append(ends, at)
		}
	}
	slices.Sort(ends)
	for number := range (options.length - 4) / 2 {
		at := options.field(number)
		if at == 0 {
			continue
		}
		next, _ := slices.BinarySearch(ends, at+1)
		if next == len(ends) {
			c.unknown = true
			return
		}
		c.numbers(number)
		c.bytes(bytes.TrimRight(options.f.bytes(at, ends[next]-at), "\x00"))
	}
	c.numbers(-1)
}
