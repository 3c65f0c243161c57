package oip

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/internal/half"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// datatypes are the types of the protocol as ONNX numbers them, those that cannot be read too.
var datatypes = map[string]predictor.Element{
	"BOOL": predictor.Bool, "UINT8": predictor.Uint8, "INT8": predictor.Int8, "INT16": predictor.Int16, "INT32": predictor.Int32, "INT64": predictor.Int64,
	"FP16": predictor.Float16, "BF16": predictor.Bfloat16, "FP32": predictor.Float32, "FP64": predictor.Float64,
	"UINT16": 4, "BYTES": 8, "UINT32": 12, "UINT64": 13,
}

func datatypeOf(e predictor.Element) string {
	for name, element := range datatypes {
		if element == e {
			return name
		}
	}
	return fmt.Sprintf("type %d", e)
}

// numberAt is the i-th number of a tensor.
func numberAt(e predictor.Element, data []byte, i int) float64 {
	switch e {
	case predictor.Float32:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(data[i*4:])))
	case predictor.Float64:
		return math.Float64frombits(binary.LittleEndian.Uint64(data[i*8:]))
	case predictor.Float16:
		return float64(half.ToFloat32(binary.LittleEndian.Uint16(data[i*2:])))
	case predictor.Bfloat16:
		return float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(data[i*2:])) << 16))
	case predictor.Int64:
		return float64(int64(binary.LittleEndian.Uint64(data[i*8:])))
	case predictor.Int32:
		return float64(int32(binary.LittleEndian.Uint32(data[i*4:])))
	case predictor.Int16:
		return float64(int16(binary.LittleEndian.Uint16(data[i*2:])))
	case predictor.Int8:
		return float64(int8(data[i]))
	}
	return float64(data[i])
}

// tensorInfo is what metadata tell of an input or an output.
type tensorInfo struct {
	name, datatype string
	shape          []int64 // with the batch; -1 where it is open
}

func (t tensorInfo) check() error {
	const most = 1 << 31
	size := int64(1)
	for _, d := range t.shape {
		if d < -1 || d == 0 {
			return fmt.Errorf("expected dimensions of at least 1, or -1 for open ones, found %q of %v", t.name, t.shape)
		}
		if size *= max(d, 1); d > most || size > most {
			return fmt.Errorf("expected a tensor of at most %d numbers, found %q of %v", int64(most), t.name, t.shape)
		}
	}
	return nil
}

// batchName is the dimension that counts inputs, where it is open.
const batchName = "batch"

// describe is the tensor in the words of ONNX.
func (t tensorInfo) describe() predictor.Value {
	b := predictor.NewTensor(t.name, datatypes[t.datatype], t.datatype)
	for i, d := range t.shape {
		switch {
		case d > 0:
			b.Shape = append(b.Shape, predictor.Dimension{Size: int(d)})
		case i == 0:
			b.Shape = append(b.Shape, predictor.Dimension{Name: batchName})
		default:
			b.Shape = append(b.Shape, predictor.Dimension{})
		}
	}
	return b
}

// counts reports whether the first dimension counts inputs.
func (t tensorInfo) counts() bool { return len(t.shape) > 0 && t.shape[0] < 0 }

func (t tensorInfo) String() string { return fmt.Sprintf("%q (%s %v)", t.name, t.datatype, t.shape) }

func volume(shape []int64) int64 {
	n := int64(1)
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt32/d {
			return -1
		}
		n *= d
	}
	return n
}

// merge puts tensors that options tell in the places of those of the same name.
func merge(metadata, told []tensorInfo) []tensorInfo {
	all := slices.Clone(metadata)
	for _, t := range told {
		if at := slices.IndexFunc(all, func(m tensorInfo) bool { return m.name == t.name }); at >= 0 {
			all[at] = t
		} else {
			all = append(all, t)
		}
	}
	return all
}
