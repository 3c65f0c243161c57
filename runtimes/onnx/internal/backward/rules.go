package backward

import (
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// rule says how the gradients of a node's outputs become those of its inputs.
type rule struct {
	// by is how many inputs, counted from the first, the outputs depend on smoothly; 0 means all.
	by   int
	back func(b *builder, n *onnxpb.NodeProto, grads []string)
}

func (r rule) smooth(i int) bool { return r.by == 0 || i < r.by }

// flat are operators whose outputs tell nothing of small changes.
var flat = map[string]bool{
	"Shape": true, "Size": true, "ArgMax": true, "ArgMin": true, "Equal": true, "Less": true, "LessOrEqual": true, "Greater": true,
	"GreaterOrEqual": true, "Not": true, "And": true, "Or": true, "IsNaN": true, "IsInf": true, "ConstantOfShape": true, "NonZero": true, "Sign": true,
}

var rules map[string]rule

func init() {
	rules = map[string]rule{
		"Identity": {back: pass}, "Dropout": {by: 1, back: pass}, "Cast": {back: castBack},
		"Flatten": {back: reshaped}, "Reshape": {by: 1, back: reshaped}, "Squeeze": {by: 1, back: reshaped}, "Unsqueeze": {by: 1, back: reshaped},
		"Transpose": {back: transposed}, "Concat": {back: concat}, "Split": {by: 1, back: split}, "Slice": {by: 1, back: slice}, "Pad": {by: 1, back: pad},
		"Expand": {by: 1, back: func(b *builder, n *onnxpb.NodeProto, g []string) {
			b.add(n.GetInput()[0], b.narrow(g[0], n.GetOutput()[0], n.GetInput()[0]))
		}},
		"QuantizeLinear": {by: 1, back: quantize}, "DequantizeLinear": {by: 1, back: dequantize},

		"Add": {back: add}, "Sum": {back: add}, "Sub": {back: sub}, "Mul": {back: mul}, "Div": {back: div}, "Pow": {by: 1, back: pow},
		"Min": {back: extreme("Less")}, "Max": {back: extreme("Greater")}, "Where": {back: chosen},
		"MatMul": {back: matMul}, "Gemm": {back: gemm}, "Conv": {by: 1, back: conv}, "ConvTranspose": {by: 1, back: convTranspose},
		"BatchNormalization": {by: 1, back: batchNormalization},
		"MaxPool":            {back: maxPool}, "GlobalMaxPool": {back: maxPool}, "AveragePool": {back: averagePool}, "GlobalAveragePool": {back: globalAverage},
		"ReduceMean": {by: 1, back: reduce}, "ReduceSum": {by: 1, back: reduce},
		"Softmax": {back: softmax}, "LogSoftmax": {back: softmax},

		"Clip": {by: 1, back: func(b *builder, n *onnxpb.NodeProto, g []string) {
			b.add(n.GetInput()[0], b.within(g[0], n.GetInput()[0], input(n, 1), input(n, 2)))
		}},
		"PRelu": {by: 1, back: func(b *builder, n *onnxpb.NodeProto, g []string) {
			x := n.GetInput()[0]
			b.add(x, b.where(b.op("Less", x, b.scalar(x, 0)), b.op("Mul", g[0], n.GetInput()[1]), g[0]))
		}},
		"Relu": {back: slope(func(b *builder, _ *onnxpb.NodeProto, x, _ string) string {
			return b.where(b.op("Greater", x, b.scalar(x, 0)), b.scalar(x, 1), b.scalar(x, 0))
		})},
		"LeakyRelu": {back: slope(func(b *builder, n *onnxpb.NodeProto, x, _ string) string {
			return b.where(b.op("Less", x, b.scalar(x, 0)), b.scalar(x, float(n, "alpha", 0.01)), b.scalar(x, 1))
		})},
		"Elu": {back: slope(func(b *builder, n *onnxpb.NodeProto, x, y string) string {
			return b.where(b.op("Less", x, b.scalar(x, 0)), b.op("Add", y, b.scalar(x, float(n, "alpha", 1))), b.scalar(x, 1))
		})},
		"Selu": {back: slope(func(b *builder, n *onnxpb.NodeProto, x, y string) string {
			alpha, gamma := float(n, "alpha", 1.6732632423543772), float(n, "gamma", 1.0507009873554805)
			return b.where(b.op("Less", x, b.scalar(x, 0)), b.op("Add", y, b.scalar(x, alpha*gamma)), b.scalar(x, gamma))
		})},
		"Softplus": {back: slope(func(b *builder, _ *onnxpb.NodeProto, x, _ string) string { return b.op("Sigmoid", x) })},
		"Sigmoid": {back: slope(func(b *builder, _ *onnxpb.NodeProto, x, y string) string {
			return b.op("Mul", y, b.op("Sub", b.scalar(x, 1), y))
		})},
		"Tanh": {back: slope(func(b *builder, _ *onnxpb.NodeProto, x, y string) string {
			return b.op("Sub", b.scalar(x, 1), b.op("Mul", y, y))
		})},
		"HardSigmoid": {back: slope(func(b *builder, n *onnxpb.NodeProto, x, y string) string {
			return b.within(b.op("Expand", b.scalar(x, float(n, "alpha", 0.2)), b.op("Shape", x)), y, b.scalar(x, 1e-30), b.scalar(x, 1-1e-7))
		})},
		"HardSwish": {back: slope(func(b *builder, _ *onnxpb.NodeProto, x, _ string) string {
			middle := b.op("Add", b.op("Div", x, b.scalar(x, 3)), b.scalar(x, 0.5))
			return b.where(b.op("Less", x, b.scalar(x, -3)), b.scalar(x, 0), b.where(b.op("Greater", x, b.scalar(x, 3)), b.scalar(x, 1), middle))
		})},
		"Exp":  {back: slope(func(_ *builder, _ *onnxpb.NodeProto, _, y string) string { return y })},
		"Log":  {back: slope(func(b *builder, _ *onnxpb.NodeProto, x, _ string) string { return b.op("Reciprocal", x) })},
		"Neg":  {back: slope(func(b *builder, _ *onnxpb.NodeProto, x, _ string) string { return b.scalar(x, -1) })},
		"Abs":  {back: slope(func(b *builder, _ *onnxpb.NodeProto, x, _ string) string { return b.op("Sign", x) })},
		"Sqrt": {back: slope(func(b *builder, _ *onnxpb.NodeProto, x, y string) string { return b.op("Div", b.scalar(x, 0.5), y) })},
		"Reciprocal": {back: slope(func(b *builder, _ *onnxpb.NodeProto, _, y string) string {
			return b.op("Neg", b.op("Mul", y, y))
		})},
		"Erf": {back: slope(func(b *builder, _ *onnxpb.NodeProto, x, _ string) string {
			return b.op("Mul", b.scalar(x, 2/math.Sqrt(math.Pi)), b.op("Exp", b.op("Neg", b.op("Mul", x, x))))
		})},
	}
}

// slope is the rule of an operator that works on every number by itself.
func slope(of func(b *builder, n *onnxpb.NodeProto, x, y string) string) func(*builder, *onnxpb.NodeProto, []string) {
	return func(b *builder, n *onnxpb.NodeProto, g []string) {
		x := n.GetInput()[0]
		b.add(x, b.op("Mul", g[0], of(b, n, x, n.GetOutput()[0])))
	}
}

func pass(b *builder, n *onnxpb.NodeProto, g []string) { b.add(n.GetInput()[0], g[0]) }

func castBack(b *builder, n *onnxpb.NodeProto, g []string) {
	x := n.GetInput()[0]
	b.add(x, b.cast(g[0], b.kinds[x]))
}

// quantize passes the gradient straight through where the number lies within the range of the integers (Bengio et al., "Estimating
// or propagating gradients through stochastic neurons", 2013, arXiv 1308.3432).
func quantize(b *builder, n *onnxpb.NodeProto, g []string) {
	x, scale, zero := n.GetInput()[0], n.GetInput()[1], input(n, 2)
	kind := onnxpb.TensorProto_UINT8
	switch z := b.constants[zero]; {
	case zero != "" && z == nil:
		b.refuse("expected a constant zero point")
	case z != nil:
		kind = onnxpb.TensorProto_DataType(z.GetDataType())
	default:
		if to := integer(n, "output_dtype", 0); to != 0 {
			kind = onnxpb.TensorProto_DataType(to)
		}
	}
	if len(b.shape(scale)) > 0 && !slices.Equal(b.shape(scale), []int64{1}) {
		b.refuse("expected one scale for all numbers, found %v", b.shape(scale))
	}
	end := func(v int32) string {
		t := &onnxpb.TensorProto{DataType: ptr(int32(kind)), Name: ptr(b.name()), Int32Data: []int32{v}}
		if len(b.shape(scale)) == 1 {
			t.Dims = []int64{1}
		}
		b.graph.Initializer = append(b.graph.Initializer, t)
		in := []string{t.GetName(), scale}
		if zero != "" {
			in = append(in, zero)
		}
		return b.op("DequantizeLinear", in...)
	}
	var low, high int32
	switch kind {
	case onnxpb.TensorProto_UINT8:
		low, high = 0, math.MaxUint8
	case onnxpb.TensorProto_INT8:
		low, high = math.MinInt8, math.MaxInt8
	case onnxpb.TensorProto_UINT16:
		low, high = 0, math.MaxUint16
	case onnxpb.TensorProto_INT16:
		low, high = math.MinInt16, math.MaxInt16
	default:
		b.refuse("expected integers of 8 or 16 bits, found %s", kind)
	}
	b.add(x, b.within(g[0], x, end(low), end(high)))
}

// dequantize passes on the gradient by the numbers that integers stand for, which is what [quantize] takes, or, of an input of integers,
// by the integers themselves.
func dequantize(b *builder, n *onnxpb.NodeProto, g []string) {
	x := n.GetInput()[0]
	if !b.integers[x] {
		b.add(x, g[0])
		return
	}
	if scale := b.shape(n.GetInput()[1]); len(scale) > 0 && !slices.Equal(scale, []int64{1}) {
		b.refuse("expected one scale for all numbers of the input, found %v", scale)
	}
	b.add(x, b.op("Mul", g[0], n.GetInput()[1]))
}

func ptr[T any](v T) *T { return &v }

func reshaped(b *builder, n *onnxpb.NodeProto, g []string) {
	b.add(n.GetInput()[0], b.shaped(g[0], n.GetInput()[0]))
}

func transposed(b *builder, n *onnxpb.NodeProto, g []string) {
	x, order := n.GetInput()[0], integers(n, "perm")
	back := make([]int64, len(b.shape(x)))
	for i := range back {
		if order == nil {
			back[i] = int64(len(back) - 1 - i)
		} else {
			back[order[i]] = int64(i)
		}
	}
	b.add(x, b.with("Transpose", map[string][]int64{"perm": back}, g[0]))
}

func concat(b *builder, n *onnxpb.NodeProto, g []string) {
	axis := b.axis(n.GetOutput()[0], integer(n, "axis", 0))
	var sizes []int64
	var parts []string
	for _, in := range n.GetInput() {
		sizes, parts = append(sizes, b.dimension(in, axis)), append(parts, b.name())
	}
	setInteger(b.node("Split", parts, []string{g[0], b.whole(sizes...)}), "axis", int64(axis))
	for i, in := range n.GetInput() {
		b.add(in, parts[i])
	}
}

func split(b *builder, n *onnxpb.NodeProto, g []string) {
	x := n.GetInput()[0]
	for i, of := range g {
		if of == "" { // this part is not used
			g[i] = b.op("Mul", n.GetOutput()[i], b.scalar(x, 0))
		}
	}
	b.add(x, b.with("Concat", map[string][]int64{"axis": {integer(n, "axis", 0)}}, g...))
}

// slice puts zeros where numbers were left out.
func slice(b *builder, n *onnxpb.NodeProto, g []string) {
	x, y := n.GetInput()[0], n.GetOutput()[0]
	rank := len(b.shape(x))
	starts, pads := b.fixed(n.GetInput()[1]), make([]int64, 2*rank)
	var axes []int64
	if in := input(n, 3); in != "" {
		axes = b.fixed(in)
	} else {
		for i := range starts {
			axes = append(axes, int64(i))
		}
	}
	if in := input(n, 4); in != "" && slices.ContainsFunc(b.fixed(in), func(s int64) bool { return s != 1 }) {
		b.refuse("expected steps of 1, found %v", b.fixed(in))
	}
	for i, axis := range axes {
		a := b.axis(x, axis)
		if b.shape(x)[a] < 0 && b.shape(y)[a] < 0 && starts[i] == 0 {
			continue // all inputs
		}
		size, start := b.dimension(x, a), starts[i]
		if start < 0 {
			start += size
		}
		start = min(max(start, 0), size)
		pads[a], pads[rank+a] = start, size-start-b.dimension(y, a)
	}
	b.add(x, b.op("Pad", g[0], b.whole(pads...)))
}

// pad cuts off what was added.
func pad(b *builder, n *onnxpb.NodeProto, g []string) {
	x := n.GetInput()[0]
	if mode := text(n, "mode"); mode != "" && mode != "constant" {
		b.refuse("expected the mode constant, found %s", mode)
	}
	pads, rank := b.fixed(n.GetInput()[1]), len(b.shape(x))
	axes := make([]int64, rank)
	for i := range axes {
		axes[i] = int64(i)
	}
	if in := input(n, 3); in != "" {
		axes = b.fixed(in)
	}
	if len(pads) != 2*len(axes) {
		b.refuse("expected %d pads, found %d", 2*len(axes), len(pads))
	}
	var at, from, to []int64
	for i, axis := range axes {
		before, behind := pads[i], pads[len(axes)+i]
		if before < 0 || behind < 0 {
			b.refuse("expected pads of 0 or more, found %v", pads)
		}
		if before > 0 || behind > 0 {
			a := b.axis(x, axis)
			at, from, to = append(at, int64(a)), append(from, before), append(to, before+b.dimension(x, a))
		}
	}
	grad := g[0]
	if at != nil {
		grad = b.op("Slice", grad, b.whole(from...), b.whole(to...), b.whole(at...))
	}
	b.add(x, grad)
}

// each adds what becomes of an input's share of a gradient in the shape of the output.
func (b *builder) each(n *onnxpb.NodeProto, share func(i int, in string) string) {
	for i, in := range n.GetInput() {
		if b.active[in] {
			b.add(in, b.narrow(share(i, in), n.GetOutput()[0], in))
		}
	}
}

func add(b *builder, n *onnxpb.NodeProto, g []string) {
	b.each(n, func(int, string) string { return g[0] })
}

func sub(b *builder, n *onnxpb.NodeProto, g []string) {
	b.each(n, func(i int, _ string) string {
		if i == 1 {
			return b.op("Neg", g[0])
		}
		return g[0]
	})
}

func mul(b *builder, n *onnxpb.NodeProto, g []string) {
	b.each(n, func(i int, _ string) string { return b.op("Mul", g[0], n.GetInput()[1-i]) })
}

func div(b *builder, n *onnxpb.NodeProto, g []string) {
	b.each(n, func(i int, _ string) string {
		share := b.op("Div", g[0], n.GetInput()[1])
		if i == 1 {
			share = b.op("Neg", b.op("Mul", share, n.GetOutput()[0]))
		}
		return share
	})
}

func pow(b *builder, n *onnxpb.NodeProto, g []string) {
	x, p := n.GetInput()[0], n.GetInput()[1]
	b.each(n, func(i int, _ string) string {
		if i == 1 {
			b.refuse("expected an exponent that does not depend on the input")
		}
		one := b.op("CastLike", b.numbers(onnxpb.TensorProto_FLOAT, nil, 1), p)
		return b.op("Mul", g[0], b.op("Mul", b.op("CastLike", p, x), b.op("Pow", x, b.op("Sub", p, one))))
	})
}

// extreme is the rule of the least or the greatest of several, of which the first one counts.
func extreme(better string) func(*builder, *onnxpb.NodeProto, []string) {
	return func(b *builder, n *onnxpb.NodeProto, g []string) {
		y := n.GetOutput()[0]
		if len(n.GetInput()) > 2 {
			b.refuse("expected at most 2 inputs, found %d", len(n.GetInput()))
		}
		b.each(n, func(i int, in string) string {
			if len(n.GetInput()) == 1 {
				return g[0]
			}
			second := b.op(better, n.GetInput()[1], n.GetInput()[0])
			if i == 1 {
				return b.where(second, g[0], b.scalar(y, 0))
			}
			return b.where(second, b.scalar(y, 0), g[0])
		})
	}
}

func chosen(b *builder, n *onnxpb.NodeProto, g []string) {
	condition, y := n.GetInput()[0], n.GetOutput()[0]
	b.each(n, func(i int, _ string) string {
		if i == 1 {
			return b.where(condition, g[0], b.scalar(y, 0))
		}
		return b.where(condition, b.scalar(y, 0), g[0])
	})
}

func softmax(b *builder, n *onnxpb.NodeProto, g []string) {
	x, y := n.GetInput()[0], n.GetOutput()[0]
	axis := int64(b.axis(x, integer(n, "axis", -1)))
	if n.GetOpType() == "LogSoftmax" {
		b.add(x, b.op("Sub", g[0], b.op("Mul", b.op("Exp", y), b.sum(g[0], axis))))
		return
	}
	b.add(x, b.op("Mul", y, b.op("Sub", g[0], b.sum(b.op("Mul", g[0], y), axis))))
}

// reduce repeats the gradient of a sum or mean over what was summed.
func reduce(b *builder, n *onnxpb.NodeProto, g []string) {
	x, grad := n.GetInput()[0], g[0]
	axes := integers(n, "axes")
	if in := input(n, 1); in != "" {
		axes = b.fixed(in)
	}
	shape := b.shape(x)
	if len(axes) == 0 {
		if integer(n, "noop_with_empty_axes", 0) == 1 {
			b.add(x, grad)
			return
		}
		for i := range shape {
			axes = append(axes, int64(i))
		}
	}
	count := 1.0
	kept := make([]int64, len(shape))
	for i := range kept {
		kept[i] = 0 // as it is
		if shape[i] < 0 {
			kept[i] = -1
		} else if shape[i] > 0 {
			kept[i] = shape[i]
		}
	}
	for _, axis := range axes {
		a := b.axis(x, axis)
		count *= float64(b.dimension(x, a))
		kept[a] = 1
	}
	grad = b.op("Expand", b.op("Reshape", grad, b.whole(kept...)), b.op("Shape", x))
	if n.GetOpType() == "ReduceMean" {
		grad = b.op("Div", grad, b.scalar(x, count))
	}
	b.add(x, grad)
}

func globalAverage(b *builder, n *onnxpb.NodeProto, g []string) {
	x, count := n.GetInput()[0], 1.0
	for i := 2; i < len(b.shape(x)); i++ {
		count *= float64(b.dimension(x, i))
	}
	b.add(x, b.op("Expand", b.op("Div", g[0], b.scalar(x, count)), b.op("Shape", x)))
}

func batchNormalization(b *builder, n *onnxpb.NodeProto, g []string) {
	x, scale, variance := n.GetInput()[0], n.GetInput()[1], n.GetInput()[4]
	if integer(n, "training_mode", 0) == 1 {
		b.refuse("expected a model for inference, found one in training")
	}
	kind := b.kinds[x]
	factor := b.op("Div", b.cast(scale, kind), b.op("Sqrt", b.op("Add", b.cast(variance, kind), b.scalar(x, float(n, "epsilon", 1e-5)))))
	shape := []int64{-1}
	for range len(b.shape(x)) - 2 {
		shape = append(shape, 1)
	}
	b.add(x, b.op("Mul", g[0], b.op("Reshape", factor, b.whole(shape...))))
}

// swapped is a matrix, or a stack of them, turned.
func (b *builder) swapped(name string) string {
	rank := len(b.shape(name))
	order := make([]int64, rank)
	for i := range order {
		order[i] = int64(i)
	}
	order[rank-1], order[rank-2] = order[rank-2], order[rank-1]
	return b.with("Transpose", map[string][]int64{"perm": order}, name)
}

func matMul(b *builder, n *onnxpb.NodeProto, g []string) {
	x, w, y := n.GetInput()[0], n.GetInput()[1], n.GetOutput()[0]
	if len(b.shape(x)) < 2 || len(b.shape(w)) < 2 {
		b.refuse("expected matrices, found shapes %v and %v", b.shape(x), b.shape(w))
	}
	if b.active[x] {
		b.add(x, b.narrowStack(b.op("MatMul", g[0], b.swapped(w)), y, x))
	}
	if b.active[w] {
		b.add(w, b.narrowStack(b.op("MatMul", b.swapped(x), g[0]), y, w))
	}
}

// narrowStack is narrow for all dimensions but those of the matrices, which are those of the second tensor already.
func (b *builder) narrowStack(gradient, from, to string) string {
	wide, small := b.shape(from), b.shape(to)
	lead := len(wide) - len(small)
	var axes []int64
	for i := range len(wide) - 2 {
		if i < lead || small[i-lead] == 1 && wide[i] != 1 {
			axes = append(axes, int64(i))
		}
	}
	if axes != nil {
		gradient = b.sum(gradient, axes...)
	}
	if lead > 0 {
		gradient = b.shaped(gradient, to)
	}
	return gradient
}

func gemm(b *builder, n *onnxpb.NodeProto, g []string) {
	x, w, y := n.GetInput()[0], n.GetInput()[1], n.GetOutput()[0]
	ta, tb := integer(n, "transA", 0), integer(n, "transB", 0)
	product := func(p, q string, tp, tq int64) string {
		out := b.with("Gemm", map[string][]int64{"transA": {tp}, "transB": {tq}}, p, q)
		setFloat(b.graph.GetNode()[len(b.graph.GetNode())-1], "alpha", float(n, "alpha", 1))
		return out
	}
	if b.active[x] {
		if ta == 0 {
			b.add(x, product(g[0], w, 0, 1-tb))
		} else {
			b.add(x, product(w, g[0], tb, 1))
		}
	}
	if b.active[w] {
		if tb == 0 {
			b.add(w, product(x, g[0], 1-ta, 0))
		} else {
			b.add(w, product(g[0], x, 1, ta))
		}
	}
	if c := input(n, 2); c != "" && b.active[c] {
		b.add(c, b.narrow(b.op("Mul", g[0], b.scalar(c, float(n, "beta", 1))), y, c))
	}
}
