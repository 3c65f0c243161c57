package restore

import (
	"encoding/binary"
	"math"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// array is a tensor's values in the order of its dimensions, the last fastest.
type array struct {
	dims   []int
	values []float32
}

// dimensions are those of a tensor whose number of values is sane.
func dimensions(t *onnxpb.TensorProto) (dims []int, n int, ok bool) {
	n = 1
	for _, d := range t.GetDims() {
		if d < 0 || d > math.MaxInt32 || (d > 0 && n > math.MaxInt32/int(d)) {
			return nil, 0, false
		}
		dims, n = append(dims, int(d)), n*int(d)
	}
	return dims, n, true
}

// readFloats reads a tensor of the types float and double; ok is false for others, and where the values are not in it.
func readFloats(t *onnxpb.TensorProto) (array, bool) {
	dims, n, ok := dimensions(t)
	if !ok {
		return array{}, false
	}
	a := array{dims: dims}
	raw := t.GetRawData()
	switch onnxpb.TensorProto_DataType(t.GetDataType()) {
	case onnxpb.TensorProto_FLOAT:
		if a.values = t.GetFloatData(); len(raw) == 4*n && len(a.values) == 0 {
			a.values = make([]float32, n)
			for i := range a.values {
				a.values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
			}
		}
	case onnxpb.TensorProto_DOUBLE:
		doubles := t.GetDoubleData()
		if len(raw) == 8*n && len(doubles) == 0 {
			for i := range n {
				doubles = append(doubles, math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:])))
			}
		}
		for _, v := range doubles {
			a.values = append(a.values, float32(v))
		}
	}
	return a, len(a.values) == n && n > 0
}

// readIntegers reads a tensor of 8, 16 or 32 bits.
func readIntegers(t *onnxpb.TensorProto) ([]int32, bool) {
	_, n, ok := dimensions(t)
	if !ok {
		return nil, false
	}
	kind, raw := onnxpb.TensorProto_DataType(t.GetDataType()), t.GetRawData()
	size := map[onnxpb.TensorProto_DataType]int{
		onnxpb.TensorProto_INT8: 1, onnxpb.TensorProto_UINT8: 1, onnxpb.TensorProto_INT16: 2, onnxpb.TensorProto_UINT16: 2, onnxpb.TensorProto_INT32: 4,
	}[kind]
	values := t.GetInt32Data()
	if size > 0 && len(raw) == size*n && len(values) == 0 {
		values = make([]int32, n)
		for i := range values {
			switch kind {
			case onnxpb.TensorProto_INT8:
				values[i] = int32(int8(raw[i]))
			case onnxpb.TensorProto_UINT8:
				values[i] = int32(raw[i])
			case onnxpb.TensorProto_INT16:
				values[i] = int32(int16(binary.LittleEndian.Uint16(raw[2*i:])))
			case onnxpb.TensorProto_UINT16:
				values[i] = int32(binary.LittleEndian.Uint16(raw[2*i:]))
			default:
				values[i] = int32(binary.LittleEndian.Uint32(raw[4*i:]))
			}
		}
	}
	return values, size > 0 && len(values) == n && n > 0
}

// weights are quantised weights: what they stand for, and the step of each channel.
type weights struct {
	array
	steps []float32
	inner int // how many values of one channel follow each other
}

func (w *weights) step(i int) float32 { return w.steps[i/w.inner%len(w.steps)] }

// readWeights reads what a DequantizeLinear makes of a constant.
func (e *editor) readWeights(d *onnxpb.NodeProto) (*weights, bool) {
	in := d.GetInput()
	values, ok := readIntegers(e.constant[in[0]])
	dims, n, _ := dimensions(e.constant[in[0]])
	scales, scaled := readFloats(e.constant[in[1]])
	if !ok || !scaled {
		return nil, false
	}
	w := &weights{array: array{dims: dims, values: make([]float32, n)}, steps: scales.values, inner: n}
	if len(w.steps) > 1 {
		axis := 1
		for _, a := range d.GetAttribute() {
			switch a.GetName() {
			case "axis":
				axis = int(a.GetI())
			case "block_size":
				if a.GetI() != 0 {
					return nil, false
				}
			}
		}
		if axis < 0 {
			axis += len(dims)
		}
		if axis < 0 || axis >= len(dims) || dims[axis] != len(w.steps) {
			return nil, false
		}
		w.inner = 1
		for _, d := range dims[axis+1:] {
			w.inner *= d
		}
	}
	zeros := []int32{0}
	if len(in) > 2 && in[2] != "" {
		if zeros, ok = readIntegers(e.constant[in[2]]); !ok || len(zeros) != len(w.steps) {
			return nil, false
		}
	}
	for i, v := range values {
		c := i / w.inner
		w.values[i] = float32(v-zeros[c%len(zeros)]) * w.steps[c%len(w.steps)]
	}
	return w, true
}

// Quantisation moves a weight by at most half a step, 0.29 steps in the root of the mean of squares. A little more is for
// quantisers that do not round to the nearest.
const (
	mostError = 0.6
	// fewestValues of 8 or 16 bits are compared: fewer agree by chance.
	fewestValues = 8
)

// distance is the mean square of the differences in steps between the weights and a float tensor whose axes are put in
// another order; ok is false where it cannot be what was quantised.
func (w *weights) distance(a array, order []int) (distance float64, ok bool) {
	limit, sum := mostError*mostError*float64(len(w.values)), 0.0
	i := 0
	a.inOrder(order, func(v float32) bool {
		d, step := float64(v)-float64(w.values[i]), float64(w.step(i))
		if d != 0 {
			sum += d / step * (d / step) // NaN, too, ends it
		}
		i++
		return sum <= limit
	})
	return sum / float64(len(w.values)), sum <= limit
}

// inOrder visits the values with the axes in another order, until told to stop.
func (a array) inOrder(order []int, visit func(float32) bool) {
	strides, n := make([]int, len(a.dims)), 1
	for i := len(a.dims) - 1; i >= 0; i-- {
		strides[i], n = n, n*a.dims[i]
	}
	at, index := 0, make([]int, len(order))
	for range a.values {
		if !visit(a.values[at]) {
			return
		}
		for k := len(order) - 1; k >= 0; k-- {
			axis := order[k]
			index[k]++
			at += strides[axis]
			if index[k] < a.dims[axis] {
				break
			}
			at -= index[k] * strides[axis]
			index[k] = 0
		}
	}
}

// orders are the orders of a tensor's axes that differ: axes of one value do not count. More than four such axes keep
// their order.
func (a array) orders() [][]int {
	var long, short []int
	for i, d := range a.dims {
		if d > 1 {
			long = append(long, i)
		} else {
			short = append(short, i)
		}
	}
	if len(long) > 4 {
		return [][]int{append(short, long...)}
	}
	var all [][]int
	var extend func(order, rest []int)
	extend = func(order, rest []int) {
		if len(rest) == 0 {
			all = append(all, order)
		}
		for i, axis := range rest {
			extend(append(slices.Clone(order), axis), slices.Delete(slices.Clone(rest), i, i+1))
		}
	}
	extend(short, long)
	return all
}

// tensor is a float tensor of the weights' shape, with the values of another one.
func (w *weights) tensor(name string, a array, order []int) *onnxpb.TensorProto {
	raw := make([]byte, 0, 4*len(a.values))
	a.inOrder(order, func(v float32) bool {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
		return true
	})
	t := &onnxpb.TensorProto{Name: proto.String(name), DataType: proto.Int32(int32(onnxpb.TensorProto_FLOAT)), RawData: raw}
	for _, d := range w.dims {
		t.Dims = append(t.Dims, int64(d))
	}
	return t
}
