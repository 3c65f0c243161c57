package backward

import (
	"slices"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// Convolutions and pooling: operators with windows that move over an image.

// windows are the places of windows over the spatial dimensions.
type windows struct {
	size, kernel, strides, dilations, before, behind, out []int64
}

// windowsOf reads the attributes of a node over x, which is of the size that y was made from.
func (b *builder) windowsOf(n *onnxpb.NodeProto, x, y string, kernel []int64) windows {
	rank := len(b.shape(x)) - 2
	w := windows{kernel: kernel, strides: integers(n, "strides"), dilations: integers(n, "dilations")}
	if w.kernel == nil {
		w.kernel = integers(n, "kernel_shape")
	}
	ones := slices.Repeat([]int64{1}, max(rank, 0))
	if w.strides == nil {
		w.strides = ones
	}
	if w.dilations == nil {
		w.dilations = ones
	}
	if rank < 1 || len(w.kernel) != rank || len(w.strides) != rank || len(w.dilations) != rank {
		b.refuse("expected windows of %d dimensions, found kernel %v, strides %v and dilations %v", rank, w.kernel, w.strides, w.dilations)
	}
	for i := range rank {
		w.size, w.out = append(w.size, b.dimension(x, i+2)), append(w.out, b.dimension(y, i+2))
	}
	pads := integers(n, "pads")
	w.before, w.behind = make([]int64, rank), make([]int64, rank)
	switch auto := text(n, "auto_pad"); auto {
	case "", "NOTSET":
		if pads != nil {
			if len(pads) != 2*rank {
				b.refuse("expected %d pads, found %v", 2*rank, pads)
			}
			w.before, w.behind = slices.Clone(pads[:rank]), slices.Clone(pads[rank:])
		}
	case "SAME_UPPER", "SAME_LOWER":
		for i := range rank {
			all := max(w.reach(i)-w.size[i], 0)
			w.before[i], w.behind[i] = all/2, all-all/2
			if auto == "SAME_LOWER" {
				w.before[i], w.behind[i] = all-all/2, all/2
			}
		}
	case "VALID":
	default:
		b.refuse("expected a known auto_pad, found %q", auto)
	}
	return w
}

// reach is how many numbers the windows of a dimension cover, pads included.
func (w *windows) reach(i int) int64 {
	return (w.out[i]-1)*w.strides[i] + (w.kernel[i]-1)*w.dilations[i] + 1
}

// spread is the transposed convolution that brings gradients of windows back to where the windows lay.
func (b *builder) spread(gradient, kernel string, w windows, group int64) string {
	pads, more := slices.Clone(w.before), make([]int64, len(w.size))
	for i := range w.size {
		// What no window reaches is filled up; what the windows reach beyond the size, as with pads and ceil_mode, is cut off.
		behind := w.reach(i) - w.before[i] - w.size[i]
		if behind < 0 {
			more[i], behind = -behind, 0
		}
		pads = append(pads, behind)
	}
	wide := false
	for i, m := range more {
		wide = wide || m >= max(w.strides[i], w.dilations[i])
	}
	numbers := map[string][]int64{"strides": w.strides, "dilations": w.dilations, "pads": pads, "group": {group}, "kernel_shape": w.kernel}
	if !wide {
		numbers["output_padding"] = more
	}
	out := b.with("ConvTranspose", numbers, gradient, kernel)
	if wide {
		rank := len(w.size)
		all := make([]int64, 2*(rank+2))
		for i, m := range more {
			all[rank+2+2+i] = m
		}
		out = b.op("Pad", out, b.whole(all...))
	}
	return out
}

func conv(b *builder, n *onnxpb.NodeProto, g []string) {
	x, kernel, y := n.GetInput()[0], n.GetInput()[1], n.GetOutput()[0]
	w := b.windowsOf(n, x, y, b.shape(kernel)[2:])
	b.add(x, b.spread(g[0], kernel, w, integer(n, "group", 1)))
}

func convTranspose(b *builder, n *onnxpb.NodeProto, g []string) {
	x, kernel, y := n.GetInput()[0], n.GetInput()[1], n.GetOutput()[0]
	if auto := text(n, "auto_pad"); auto != "" && auto != "NOTSET" || integers(n, "output_shape") != nil {
		b.refuse("expected pads, found auto_pad or output_shape")
	}
	w := b.windowsOf(n, y, x, b.shape(kernel)[2:])
	pads := append(slices.Clone(w.before), w.behind...)
	for i := range w.size { // output_padding is seen by no window
		pads[len(w.size)+i] = w.reach(i) - w.size[i] - w.before[i]
	}
	if slices.ContainsFunc(pads, func(p int64) bool { return p < 0 }) {
		grad := g[0]
		var at, from, to []int64
		for i := range w.size {
			if p := pads[len(w.size)+i]; p < 0 {
				at, from, to = append(at, int64(i+2)), append(from, 0), append(to, w.size[i]+p)
				pads[len(w.size)+i] = 0
			}
		}
		g[0] = b.op("Slice", grad, b.whole(from...), b.whole(to...), b.whole(at...))
	}
	b.add(x, b.with("Conv", map[string][]int64{
		"strides": w.strides, "dilations": w.dilations, "pads": pads, "group": {integer(n, "group", 1)}, "kernel_shape": w.kernel,
	}, g[0], kernel))
}

// maxPool gives the gradient of a window to the number that was the greatest, as the forward pass notes it.
func maxPool(b *builder, n *onnxpb.NodeProto, g []string) {
	x := n.GetInput()[0]
	if n.GetOpType() == "GlobalMaxPool" {
		n.OpType = ptr("MaxPool")
		var kernel []int64
		for i := 2; i < len(b.shape(x)); i++ {
			kernel = append(kernel, b.dimension(x, i))
		}
		setIntegers(n, "kernel_shape", kernel...)
	}
	if integer(n, "storage_order", 0) != 0 {
		b.refuse("expected the storage order 0, found another one")
	}
	if len(n.GetOutput()) < 2 {
		n.Output = append(n.Output, b.name())
	}
	shape := b.op("Shape", x)
	flat := b.whole(-1)
	size := b.op("Reshape", b.op("Size", x), b.whole(1))
	zeros := b.name()
	fill := b.node("ConstantOfShape", []string{zeros}, []string{size})
	fill.Attribute = append(fill.Attribute, &onnxpb.AttributeProto{Name: ptr("value"), Type: onnxpb.AttributeProto_TENSOR.Enum(), T: &onnxpb.TensorProto{
		DataType: ptr(int32(b.kinds[x])), Dims: []int64{1}, RawData: encode(b.kinds[x], []float64{0}),
	}})
	sum := b.name()
	scatter := b.node("ScatterElements", []string{sum}, []string{zeros, b.op("Reshape", n.GetOutput()[1], flat), b.op("Reshape", g[0], flat)})
	setInteger(scatter, "axis", 0)
	setText(scatter, "reduction", "add")
	b.add(x, b.op("Reshape", sum, shape))
}

// averagePool gives every number of a window the same share.
func averagePool(b *builder, n *onnxpb.NodeProto, g []string) {
	x, y := n.GetInput()[0], n.GetOutput()[0]
	w := b.windowsOf(n, x, y, nil)
	padsCount := integer(n, "count_include_pad", 0) == 1
	shares := []float64{1}
	dims := []int64{1, 1}
	for i := range w.size {
		var next []float64
		for at := range w.out[i] {
			count := 0.0
			for k := range w.kernel[i] {
				place := at*w.strides[i] + k*w.dilations[i] - w.before[i]
				if place >= 0 && place < w.size[i] || padsCount && place >= -w.before[i] && place < w.size[i]+w.behind[i] {
					count++
				}
			}
			next = append(next, max(count, 1))
		}
		var all []float64
		for _, s := range shares {
			for _, c := range next {
				all = append(all, s*c)
			}
		}
		shares, dims = all, append(dims, w.out[i])
	}
	kind, channels, ones := b.kinds[x], b.dimension(x, 1), int64(1)
	for _, k := range w.kernel {
		ones *= k
	}
	kernel := b.numbers(kind, append([]int64{channels, 1}, w.kernel...), slices.Repeat([]float64{1}, int(channels*ones))...)
	b.add(x, b.spread(b.op("Div", g[0], b.numbers(kind, dims, shares...)), kernel, w, channels))
}
