package restore

import (
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// restore puts sites back to float.
func (e *editor) restore(sites []site, restored []bool, weightsAlone bool) {
	// Nodes that still ask for quantised inputs and outputs.
	asking := map[*onnxpb.NodeProto]bool{}
	forms := map[Form]bool{}
	nodes := e.graph.GetNode()
	for i, s := range sites {
		forms[s.Form] = true
		n := nodes[s.index]
		if !restored[i] {
			asking[n] = true
			if s.Form == TFLite {
				for _, next := range e.tail(n) {
					asking[next] = true
				}
			}
			continue
		}
		switch s.Form {
		case QDQ, TFLite:
			e.restoreQDQ(n, s)
		case QOperator:
			e.restoreQOperator(n, s)
		case Dynamic:
			e.restoreDynamic(n, s, weightsAlone)
		}
	}
	if e.err != nil {
		return
	}
	e.flush()
	if !weightsAlone {
		if forms[QDQ] || forms[TFLite] {
			if !forms[QOperator] {
				e.floatPassives()
			}
			e.freePairs(asking)
		}
		if forms[QOperator] {
			e.freeRegions()
		}
	}
	e.sweep()
}

// restoreQDQ gives a node its float weights and attributes.
func (e *editor) restoreQDQ(n *onnxpb.NodeProto, s site) {
	for i, in := range n.GetInput() {
		switch {
		case in == "" || !e.dequantisedConstant(in):
		case s.float != nil:
			n.Input[i] = e.floatInput(s.float, i)
		case s.values[i] != nil:
			n.Input[i] = e.addValues(s.values[i])
		}
	}
	if s.Form == TFLite && s.bias != nil {
		for _, next := range e.tail(n) {
			for i, in := range next.GetInput() {
				if e.dequantisedConstant(in) {
					next.Input[i] = e.addValues(s.bias)
				}
			}
		}
	}
	if s.float != nil {
		n.Attribute = proto.CloneOf(s.float).GetAttribute() // the quantiser sets Gemm's beta to 1
	}
	if len(n.GetOutput()) == 1 {
		e.addMerged(n, s.merged)
	}
}

// tail are the nodes behind a quantised one of TensorFlow Lite that belong to it: its bias and its activation.
func (e *editor) tail(n *onnxpb.NodeProto) []*onnxpb.NodeProto {
	var tail []*onnxpb.NodeProto
	for len(tail) < longestChain && len(n.GetOutput()) == 1 && !e.outputs[n.GetOutput()[0]] {
		readers := e.consumers[n.GetOutput()[0]]
		if len(readers) != 1 || len(readers[0].GetOutput()) != 1 {
			break
		}
		n = readers[0]
		switch n.GetOpType() {
		case "Relu", "Clip", "Tanh":
		case "Add":
			if !slices.ContainsFunc(n.GetInput(), func(in string) bool { return e.constant[in] != nil || e.dequantisedConstant(in) }) {
				return tail
			}
		default:
			return tail
		}
		tail = append(tail, n)
	}
	return tail
}

// floatPassives puts DequantizeLinear before and QuantizeLinear behind each passive node that works on quantised values between
// the two, as tf2onnx leaves them, so that they can be freed. They change no value: the scale is that of the values.
func (e *editor) floatPassives() {
	scales := map[string][]string{} // of quantised tensors: the inputs of QuantizeLinear or DequantizeLinear that say them
	for _, n := range e.graph.GetNode() {
		if in := n.GetInput(); len(in) >= 2 {
			switch {
			case n.GetOpType() == quantize && len(n.GetOutput()) == 1:
				scales[n.GetOutput()[0]] = in[1:]
			case n.GetOpType() == dequantize && e.constant[in[0]] == nil:
				scales[in[0]] = in[1:]
			}
		}
	}
	// From readers to makers and back, as long as something is new: a chain of passive nodes has one scale.
	single := func(n *onnxpb.NodeProto) bool {
		return passive[n.GetOpType()] && len(n.GetOutput()) == 1 && len(n.GetInput()) > 0
	}
	for changed := true; changed; {
		changed = false
		for _, n := range e.graph.GetNode() {
			if !single(n) {
				continue
			}
			in, out := n.GetInput()[0], n.GetOutput()[0]
			switch {
			case scales[in] != nil && scales[out] == nil:
				scales[out], changed = scales[in], true
			case scales[out] != nil && scales[in] == nil:
				scales[in], changed = scales[out], true
			}
		}
	}
	for _, n := range e.graph.GetNode() {
		if !single(n) {
			continue
		}
		in, out := n.GetInput()[0], n.GetOutput()[0]
		s := scales[in]
		if s == nil || e.constant[in] != nil {
			continue
		}
		if _, steps, ok := dimensions(e.constant[s[0]]); e.constant[s[0]] == nil || !ok || steps != 1 {
			continue
		}
		value, result := e.fresh(in+"_dequantized"), e.fresh(out+"_float")
		e.before[n] = append(e.before[n], e.node(dequantize, value, append([]string{in}, s...), []string{value}))
		e.after[n] = append(e.after[n], e.node(quantize, e.fresh(out+"_quantize"), append([]string{result}, s...), []string{out}))
		n.Input[0], n.Output[0] = value, result
	}
	e.flush()
}

// freePairs removes the QuantizeLinear and DequantizeLinear of activations that no quantised node asks
// for.
func (e *editor) freePairs(asking map[*onnxpb.NodeProto]bool) {
	free := map[string]bool{} // tensors that pairs were removed from
	for _, q := range e.graph.GetNode() {
		if q.GetOpType() != quantize || len(q.GetInput()) < 2 || len(q.GetOutput()) != 1 || e.constant[q.GetInput()[0]] != nil {
			continue
		}
		tensor := q.GetInput()[0]
		var pairs []*onnxpb.NodeProto // all on this tensor: they stay or go together
		stays := e.asked(tensor, asking, free)
		for _, other := range e.consumers[tensor] {
			if other.GetOpType() != quantize || len(other.GetOutput()) != 1 {
				continue
			}
			stays = stays || e.outputs[other.GetOutput()[0]]
			for _, d := range e.consumers[other.GetOutput()[0]] {
				if d.GetOpType() != dequantize || len(d.GetOutput()) != 1 {
					stays = true
					continue
				}
				pairs = append(pairs, d)
				for _, c := range e.consumers[d.GetOutput()[0]] {
					stays = stays || asking[c]
				}
			}
		}
		if stays || len(pairs) == 0 {
			continue
		}
		free[tensor] = true
		for _, d := range pairs {
			e.replace(d.GetOutput()[0], tensor)
		}
	}
	e.freeDynamic(asking)
	e.resolve()
}

// freeDynamic removes DynamicQuantizeLinear and the DequantizeLinear behind it where no quantised node asks for it, as it stands
// before the nodes that tf2onnx makes of those of TensorFlow Lite with quantised weights only, and before their bias.
func (e *editor) freeDynamic(asking map[*onnxpb.NodeProto]bool) {
	asks := func(n *onnxpb.NodeProto) bool {
		return asking[n] || n.GetOpType() == "Add" && slices.ContainsFunc(n.GetInput(), func(in string) bool { return asking[e.producer[in]] })
	}
	for _, q := range e.graph.GetNode() {
		if q.GetOpType() != "DynamicQuantizeLinear" || len(q.GetInput()) != 1 || len(q.GetOutput()) != 3 {
			continue
		}
		pairs := e.consumers[q.GetOutput()[0]]
		if slices.ContainsFunc(pairs, func(d *onnxpb.NodeProto) bool {
			return d.GetOpType() != dequantize || len(d.GetOutput()) != 1 || slices.ContainsFunc(e.consumers[d.GetOutput()[0]], asks)
		}) {
			continue
		}
		for _, d := range pairs {
			e.replace(d.GetOutput()[0], q.GetInput()[0])
		}
	}
}

// asked reports whether the node that makes a tensor asks for its quantisation. A passive one does if
// its own input is quantised.
func (e *editor) asked(tensor string, asking map[*onnxpb.NodeProto]bool, free map[string]bool) bool {
	n := e.producer[tensor]
	if asking[n] {
		return true // TensorFlow Lite
	}
	if n == nil || !passive[n.GetOpType()] || len(n.GetInput()) == 0 {
		return false
	}
	d := e.dequantised(n.GetInput()[0])
	if d == nil {
		return false
	}
	q := e.producer[d.GetInput()[0]]
	return q.GetOpType() != quantize || len(q.GetInput()) == 0 || !free[q.GetInput()[0]]
}

// restoreQOperator makes DequantizeLinear, the float node and QuantizeLinear of a node.
func (e *editor) restoreQOperator(n *onnxpb.NodeProto, s site) {
	at := qOperators[n.GetOpType()]
	in, out := n.GetInput(), n.GetOutput()[0]
	float := e.node(s.Operator, s.Name, nil, []string{e.fresh(out + "_float")})
	float.Domain = s.float.Domain
	float.Attribute = proto.CloneOf(s.float).GetAttribute()
	var around []*onnxpb.NodeProto
	for i, begin := range at.inputs {
		if e.constant[in[begin]] != nil {
			float.Input = append(float.Input, e.floatInput(s.float, i))
			continue
		}
		value := e.fresh(in[begin] + "_dequantized")
		around = append(around, e.node(dequantize, value, []string{in[begin], in[begin+1], in[begin+2]}, []string{value}))
		float.Input = append(float.Input, value)
	}
	if at.bias > 0 && at.bias < len(in) && in[at.bias] != "" {
		float.Input = append(float.Input, e.floatInput(s.float, len(at.inputs)))
	}
	result := float.GetOutput()[0]
	// The node itself becomes the QuantizeLinear, so that what is added goes before it.
	e.before[n] = append(around, float)
	e.addMerged(float, s.merged)
	e.before[n] = append(e.before[n], e.after[float]...)
	delete(e.after, float)
	n.OpType, n.Domain, n.Attribute = proto.String(quantize), nil, nil
	n.Name = proto.String(e.fresh(out + "_quantize"))
	n.Input = []string{result, in[at.output], in[at.output+1]}
}

// freeRegions removes each QuantizeLinear that no quantised node asks for. Passive nodes behind it take
// float values, and what they make is quantised in its turn where it is asked for.
func (e *editor) freeRegions() {
	var queue []*onnxpb.NodeProto
	for _, n := range e.graph.GetNode() {
		if n.GetOpType() == quantize {
			queue = append(queue, n)
		}
	}
	for len(queue) > 0 {
		q := queue[0]
		queue = queue[1:]
		if len(q.GetInput()) < 2 || len(q.GetOutput()) != 1 || e.constant[q.GetInput()[0]] != nil || !e.unasked(q.GetOutput()[0]) {
			continue
		}
		tensor := q.GetInput()[0]
		for _, n := range e.consumers[q.GetOutput()[0]] {
			if n.GetOpType() == dequantize {
				e.replace(n.GetOutput()[0], tensor)
				continue
			}
			n.Input[0] = tensor
			for _, out := range quantisedOutputs(n) {
				again := e.fresh(out + "_quantized")
				next := e.node(quantize, again, append([]string{out}, q.GetInput()[1:]...), []string{again})
				for _, reader := range e.consumers[out] {
					for i, in := range reader.GetInput() {
						if in == out {
							reader.Input[i] = again
						}
					}
				}
				e.consumers[again], e.consumers[out] = e.consumers[out], []*onnxpb.NodeProto{next}
				e.after[n] = append(e.after[n], next)
				queue = append(queue, next)
			}
		}
		e.consumers[q.GetOutput()[0]] = nil
	}
	e.flush()
	e.resolve()
}

// unasked reports whether quantised values are read by DequantizeLinear and passive nodes only.
func (e *editor) unasked(tensor string) bool {
	readers := e.consumers[tensor]
	if e.outputs[tensor] || len(readers) == 0 {
		return false
	}
	for _, n := range readers {
		switch {
		case n.GetOpType() == dequantize && len(n.GetOutput()) == 1:
		case passive[n.GetOpType()] && n.GetInput()[0] == tensor:
			for _, out := range quantisedOutputs(n) {
				if e.outputs[out] {
					return false
				}
			}
		default:
			return false
		}
	}
	return true
}

// quantisedOutputs are those of a passive node that hold values, not indices.
func quantisedOutputs(n *onnxpb.NodeProto) []string {
	if out := n.GetOutput(); n.GetOpType() != "Split" && len(out) > 1 {
		return out[:1]
	}
	return n.GetOutput()
}

// restoreDynamic replaces the integer node, the cast and the scaling behind it.
func (e *editor) restoreDynamic(n *onnxpb.NodeProto, s site, weightsAlone bool) {
	in := n.GetInput()
	var source *onnxpb.NodeProto
	if len(in) >= 2 {
		source = e.producer[in[0]]
	}
	if source.GetOpType() != "DynamicQuantizeLinear" || len(source.GetInput()) != 1 || len(source.GetOutput()) != 3 || e.constant[in[1]] == nil {
		e.fail("node %q: expected DynamicQuantizeLinear before %s and weights beside it, found %q", s.Name, n.GetOpType(), source.GetOpType())
		return
	}
	cast := e.only(n, "Cast")
	scaled := e.only(cast, "Mul")
	if scaled == nil {
		e.fail("node %q: expected Cast and Mul behind %s, found others", s.Name, n.GetOpType())
		return
	}
	x := source.GetInput()[0]
	if weightsAlone {
		x = e.fresh(in[0] + "_dequantized")
		e.before[scaled] = append(e.before[scaled], e.node(dequantize, x, []string{source.GetOutput()[0], source.GetOutput()[1], source.GetOutput()[2]}, []string{x}))
	}
	w := e.floatInput(s.float, 1)
	float := proto.CloneOf(s.float)
	if float.GetOpType() == "Gemm" { // its bias is added behind
		for _, a := range float.GetAttribute() {
			if a.GetName() == "transB" && a.GetI() != 0 {
				transposed := e.fresh(w + "_transposed")
				e.before[scaled] = append(e.before[scaled], e.node("Transpose", transposed, []string{w}, []string{transposed}))
				w = transposed
			}
		}
		float.Attribute = nil
	}
	scaled.OpType, scaled.Name, scaled.Attribute = proto.String(s.Operator), proto.String(s.Name), float.GetAttribute()
	scaled.Input = []string{x, w}
}

// only is the one reader of a node's one output, if it is of that operator, or else nil.
func (e *editor) only(n *onnxpb.NodeProto, operator string) *onnxpb.NodeProto {
	if len(n.GetOutput()) != 1 || e.outputs[n.GetOutput()[0]] {
		return nil
	}
	if next := e.consumers[n.GetOutput()[0]]; len(next) == 1 && next[0].GetOpType() == operator && len(next[0].GetOutput()) == 1 {
		return next[0]
	}
	return nil
}
