package npy

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Array is an array in memory.
type Array struct {
	DType DType
	Shape []int // each at least 1; empty for a single number
	// Data are the values, little-endian, the last index running fastest.
	Data []byte
}

// FromFloat32s makes an array of numbers, which the type has to hold as they are.
func FromFloat32s(d DType, shape []int, values []float32) (Array, error) {
	data, err := d.AppendFloat32s(nil, values...)
	return Array{d, shape, data}.checked(err)
}

// FromInt64s makes an array of whole numbers, which the type has to hold.
func FromInt64s(d DType, shape []int, values []int64) (Array, error) {
	data, err := d.AppendInt64s(nil, values...)
	return Array{d, shape, data}.checked(err)
}

func (a Array) checked(err error) (Array, error) {
	if err == nil {
		err = a.Check()
	}
	if err != nil {
		return Array{}, err
	}
	return a, nil
}

// Check is an error where the type is not known or the values are not as many as the shape says.
func (a Array) Check() error { return a.Header().CheckBytes(int64(len(a.Data)), true) }

// Header says of which type, order and shape the values in Data are.
func (a Array) Header() Header { return Header{DType: a.DType, Shape: a.Shape} }

// Float32s are the values, rounded to the nearest float32.
func (a Array) Float32s() []float32 {
	values := make([]float32, len(a.Data)/a.DType.Size())
	a.Header().Float32s(values, a.Data)
	return values
}

// Int64s are the values of an array of whole numbers. Another type, and a number beyond 63 bits, is an error.
func (a Array) Int64s() ([]int64, error) {
	c := codecs[a.DType]
	if !c.whole {
		return nil, fmt.Errorf("expected an array of whole numbers, found one of the type %s", a.DType)
	}
	values := make([]int64, len(a.Data)/c.size)
	for i := range values {
		var ok bool
		if values[i], ok = c.int64At(binary.LittleEndian, a.Data[i*c.size:]); !ok {
			return nil, fmt.Errorf("value %d at index %d: expected a number of at most 63 bits", uint64(values[i]), i)
		}
	}
	return values, nil
}

// Encode makes the NPY file of an array. The same array has the same bytes.
func (a Array) Encode() ([]byte, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	out, err := appendHeader(nil, a.DType, a.Shape)
	if err != nil {
		return nil, err
	}
	return append(out, a.Data...), nil
}

// Decode reads an NPY file that holds one array and nothing else.
func Decode(file []byte) (Array, error) {
	r := bytes.NewReader(file)
	h, err := ReadHeader(r)
	if err != nil {
		return Array{}, err
	}
	values := file[h.Size:]
	if err := h.CheckBytes(int64(len(values)), true); err != nil {
		return Array{}, err
	}
	return h.array(bytes.Clone(values)), nil
}

// array makes an array of all values, which it may change.
func (h Header) array(values []byte) Array {
	values = h.RowMajor(values)
	if size := h.DType.Size(); h.BigEndian && size > 1 {
		for at := 0; at < len(values); at += size {
			one := values[at : at+size]
			for i, j := 0, size-1; i < j; i, j = i+1, j-1 {
				one[i], one[j] = one[j], one[i]
			}
		}
	}
	return Array{h.DType, h.Shape, values}
}
