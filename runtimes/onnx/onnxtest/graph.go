package onnxtest

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// Graph is a model without nodes and outputs, of operator set 17, that has the inputs. Nodes are added with [Node], constants
// with [Tensor], outputs with [Result].
func Graph(inputs ...*onnxpb.ValueInfoProto) *onnxpb.ModelProto {
	return &onnxpb.ModelProto{
		IrVersion:    proto.Int64(8),
		ProducerName: proto.String("onnxtest"),
		OpsetImport:  []*onnxpb.OperatorSetIdProto{{Domain: proto.String(""), Version: proto.Int64(17)}},
		Graph:        &onnxpb.GraphProto{Name: proto.String("graph"), Input: inputs},
	}
}

// Named names the open dimensions of a value, in order; "" leaves one without a name.
func Named(v *onnxpb.ValueInfoProto, names ...string) *onnxpb.ValueInfoProto {
	for _, d := range v.GetType().GetTensorType().GetShape().GetDim() {
		if d.GetDimValue() > 0 || len(names) == 0 {
			continue
		}
		d.Value = nil
		if names[0] != "" {
			d.Value = &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: names[0]}
		}
		names = names[1:]
	}
	return v
}

// Result adds an output to the graph that has its own name and is the named value.
func Result(m *onnxpb.ModelProto, from string, out *onnxpb.ValueInfoProto) {
	_, n := Node(m, "Identity", from)
	n.Output[0] = out.GetName()
	m.GetGraph().Output = append(m.GetGraph().Output, out)
}

// Cast adds a node that makes the value one of another type, and returns the name of its output.
func Cast(m *onnxpb.ModelProto, from string, to onnxpb.TensorProto_DataType) string {
	out, n := Node(m, "Cast", from)
	Int(n, "to", int64(to))
	return out
}

// Tensor adds a constant of any type that is a number or bool, and returns its name. No dimensions make a scalar. Values of float16
// and bfloat16 have to be whole numbers below 256 in size.
func Tensor(m *onnxpb.ModelProto, element onnxpb.TensorProto_DataType, dims []int64, values ...float64) string {
	var raw []byte
	for _, v := range values {
		switch element {
		case onnxpb.TensorProto_FLOAT:
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(v)))
		case onnxpb.TensorProto_DOUBLE:
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
		case onnxpb.TensorProto_BFLOAT16:
			raw = binary.LittleEndian.AppendUint16(raw, uint16(math.Float32bits(float32(v))>>16))
		case onnxpb.TensorProto_FLOAT16:
			bits := math.Float32bits(float32(v)) // of a number that float16 holds as a normal one, or of 0
			half := uint16(bits >> 16 & 0x8000)
			if v != 0 {
				half |= uint16((bits>>23&0xff-112)<<10 | bits>>13&0x3ff)
			}
			raw = binary.LittleEndian.AppendUint16(raw, half)
		case onnxpb.TensorProto_INT8, onnxpb.TensorProto_UINT8, onnxpb.TensorProto_BOOL:
			raw = append(raw, byte(int(v)))
		case onnxpb.TensorProto_INT16:
			raw = binary.LittleEndian.AppendUint16(raw, uint16(int16(v)))
		case onnxpb.TensorProto_INT32:
			raw = binary.LittleEndian.AppendUint32(raw, uint32(int32(v)))
		case onnxpb.TensorProto_INT64:
			raw = binary.LittleEndian.AppendUint64(raw, uint64(int64(v)))
		default:
			panic(fmt.Sprintf("onnxtest: no constants of %v", element))
		}
	}
	return constant(m, &onnxpb.TensorProto{DataType: proto.Int32(int32(element)), Dims: dims, RawData: raw})
}
