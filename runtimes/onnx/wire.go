package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// A reader of the protobuf wire format, as far as ONNX files need it. It copies nothing: the fields
// point into the bytes that it was given.

// The wire types.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

var errNotProtobuf = errors.New("not protobuf")

// truncatedError says that a field runs past the end.
type truncatedError struct{ field, need, have int }

func (e truncatedError) Error() string {
	return fmt.Sprintf("field %d: expected %d more bytes, found %d", e.field, e.need, e.have)
}

// field is one field of a message.
type field struct {
	number int
	wire   int
	bits   uint64 // of a varint or a fixed-size field
	bytes  []byte // of a length-delimited field
	whole  []byte // the encoded field with its tag
}

func (f field) text() string { return string(f.bytes) }

// float is the value of a 32-bit float field.
func (f field) float() float64 { return float64(math.Float32frombits(uint32(f.bits))) }

// eachField calls visit for every field of a message, in order, until it returns an error.
func eachField(message []byte, visit func(field) error) error {
	for len(message) > 0 {
		f, rest, err := nextField(message)
		if err != nil {
			return err
		}
		if err := visit(f); err != nil {
			return err
		}
		message = rest
	}
	return nil
}

func nextField(message []byte) (f field, rest []byte, err error) {
	tag, n, err := uvarint(message, 0)
	if err != nil {
		return f, nil, err
	}
	number := tag >> 3
	if number == 0 || number > 1<<29-1 {
		return f, nil, errNotProtobuf
	}
	f.number, f.wire = int(number), int(tag&7)
	rest = message[n:]
	size := 0
	switch f.wire {
	case wireVarint:
		f.bits, size, err = uvarint(rest, f.number)
		if err != nil {
			return f, nil, err
		}
	case wireFixed64:
		size = 8
	case wireFixed32:
		size = 4
	case wireBytes:
		length, n, err := uvarint(rest, f.number)
		if err != nil {
			return f, nil, err
		}
		if length > math.MaxInt32 {
			return f, nil, errNotProtobuf
		}
		rest, size = rest[n:], int(length)
	default:
		return f, nil, errNotProtobuf
	}
	if size > len(rest) {
		return f, nil, truncatedError{f.number, size, len(rest)}
	}
	switch f.wire {
	case wireFixed64:
		f.bits = binary.LittleEndian.Uint64(rest)
	case wireFixed32:
		f.bits = uint64(binary.LittleEndian.Uint32(rest))
	case wireBytes:
		f.bytes = rest[:size:size]
	}
	rest = rest[size:]
	f.whole = message[:len(message)-len(rest)]
	return f, rest, nil
}

func uvarint(b []byte, number int) (v uint64, n int, err error) {
	v, n = binary.Uvarint(b)
	switch {
	case n == 0:
		return 0, 0, truncatedError{number, 1, 0}
	case n < 0:
		return 0, 0, errNotProtobuf
	}
	return v, n, nil
}

// eachVarint calls visit for the values of a repeated integer field, packed or not.
func eachVarint(f field, visit func(uint64)) error {
	switch f.wire {
	case wireVarint:
		visit(f.bits)
	case wireBytes:
		for b := f.bytes; len(b) > 0; {
			v, n, err := uvarint(b, f.number)
			if err != nil {
				return err
			}
			visit(v)
			b = b[n:]
		}
	}
	return nil
}
