package predictor

import (
	"math"
	"slices"
	"strings"
)

// claimKind is what a graph says about the numbers of its output.
type claimKind int

const (
	noClaim      claimKind = iota
	linear                 // sums of products with weights: logits
	distribution           // a row sums to 1
	separate               // each number is a probability of its own
	derived                // arithmetic on probabilities
	logs                   // logarithms of a distribution
	separateLogs           // each number is the logarithm of a probability of its own
	derivedLogs            // arithmetic on such logarithms
	labels                 // numbers of classes, or scores in another order than that of the classes
	constantValue
)

// claim is what a graph says about a value, seen from the operators that made it.
type claim struct {
	kind      claimKind
	maker     string   // the operator that says so; "" when the value is an input of the graph
	then      []string // operators behind it that matter
	low, high float64  // no number lies outside
	raised    float64  // by so much a clip may raise a number of a distribution …
	lowered   float64  // … or lower one
	step      float64  // of the coarsest quantisation behind the maker
	weighed   bool     // a layer with weights or a classifier makes the numbers, so that they may be logits
}

// ending says in words how the graph ends.
func (c claim) ending() string {
	if c.maker == "" {
		return "no operator of the graph tells"
	}
	return "the graph ends in " + strings.Join(append([]string{c.maker}, c.then...), ", then ")
}

// within reports whether all numbers surely lie in 0..1.
func (c claim) within() bool { return c.low >= -1e-3 && c.high <= 1+1e-3 }

// behind adds an operator to those behind the maker.
func (c claim) behind(operator string) claim {
	c.then = append(slices.Clone(c.then), operator)
	return c
}

// Operators by what they do to scores, besides those that hand them on unchanged.
var (
	// handingScores change type, shape or selection, not what a number means.
	handingScores = setOf(append([]string{"Cast", "CastLike", "Dropout", "Slice", "Gather", "GatherElements", "GatherND", "Split", "Expand"}, passing...)...)
	// picking keep the largest number of several, or the smallest one.
	picking = setOf("MaxPool", "GlobalMaxPool", "ReduceMax", "ReduceMin")
	// averaging keep the range, and what rows sum to.
	averaging = setOf("Mean", "ReduceMean", "AveragePool", "GlobalAveragePool", "Concat")
	// arithmetic is element by element, or sums.
	arithmetic = setOf("Add", "Sub", "Mul", "Div", "Sum", "Neg", "Pow", "Sqrt", "Abs", "Reciprocal", "ReduceSum", "ReduceL1", "Where", "Min", "Max")
	// weighing are layers with weights.
	weighing = setOf("Gemm", "MatMul", "Conv", "ConvTranspose", "ConvInteger", "MatMulInteger", "QLinearConv", "QLinearMatMul", "Einsum",
		"QGemm", "FusedGemm", "FusedMatMul", "FusedConv", "MatMulIntegerToFloat", "MatMulNBits", "DynamicQuantizeMatMul", "MatMulBnb4", "GemmFloat8")
	// trees and other classifiers of ai.onnx.ml say in an attribute what they do to their scores at the end.
	classifiers = setOf("LinearClassifier", "LinearRegressor", "SVMClassifier", "SVMRegressor", "TreeEnsembleClassifier", "TreeEnsembleRegressor", "TreeEnsemble")
	// truths give 0 or 1.
	truths = setOf("Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal", "And", "Or", "Xor", "Not", "IsNaN", "IsInf")
)

func setOf(names ...string) map[string]bool {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// claims finds out what the graph says about values.
type claims struct {
	graph  *Graph
	makers map[string]int // nodes by their outputs
	known  map[string]claim
}

// claimOf is what the graph says about the output, where some of its inputs are fixed: given ones, and those of the names, whose
// numbers are not known.
func (g *Graph) claimOf(output string, others []*given, fixed ...string) claim {
	s := claims{graph: g, makers: map[string]int{}, known: map[string]claim{}}
	for i, n := range g.Nodes {
		for _, name := range n.Outputs {
			s.makers[name] = i
		}
	}
	for _, o := range others {
		if o.maker == nil && o.output == "" && len(o.values) > 0 {
			s.known[o.target] = claim{kind: constantValue, low: slices.Min(o.values), high: slices.Max(o.values)}
		}
	}
	for _, name := range fixed {
		s.known[name] = unbounded(constantValue, "")
	}
	return s.of(output, 0)
}

// deepest bounds how far back the scores are followed.
const deepest = 200

func unbounded(kind claimKind, maker string) claim {
	return claim{kind: kind, maker: maker, low: math.Inf(-1), high: math.Inf(1)}
}

func (s *claims) of(name string, depth int) claim {
	if c, ok := s.known[name]; ok {
		return c
	}
	c := unbounded(noClaim, "")
	if v, ok := s.scalar(name); ok {
		c = claim{kind: constantValue, low: v, high: v}
	} else if at, ok := s.makers[name]; ok {
		n := s.graph.Nodes[at]
		switch {
		case n.Operator == "Constant":
			c.kind = constantValue
		case depth < deepest:
			s.known[name] = unbounded(noClaim, n.Operator) // a cycle is no valid graph
			c = s.made(n, slices.Index(n.Outputs, name), depth+1)
		}
	} else if _, ok := s.graph.Constants[name]; ok {
		c.kind = constantValue
	}
	s.known[name] = c
	return c
}

// scalar is the value of a constant with one element.
func (s *claims) scalar(name string) (float64, bool) {
	if t, ok := s.graph.Constants[name]; ok {
		return t.scalar()
	}
	if n, ok := s.maker(name); ok && n.Constant != nil {
		return n.Constant.scalar()
	}
	return 0, false
}

// made is what is known about an output of the node.
func (s *claims) made(n Node, output, depth int) claim {
	none := unbounded(noClaim, n.Operator)
	in := func(i int) claim {
		if i >= len(n.Inputs) {
			return unbounded(noClaim, n.Operator)
		}
		return s.of(n.Inputs[i], depth)
	}
	switch n.Domain {
	case "", "com.microsoft", "ai.onnx.ml":
	default:
		return none // anything may hide behind a name of somebody else
	}
	constant := len(n.Inputs) > 0
	for i := range n.Inputs {
		constant = constant && in(i).kind == constantValue
	}
	if constant && n.Domain == "" {
		return unbounded(constantValue, n.Operator)
	}
	probability := func(kind claimKind) claim { return claim{kind: kind, maker: n.Operator, high: 1} }
	switch op := n.Operator; {
	case handingScores[op]:
		if in(0).kind == constantValue {
			return none // a table, of which ids choose the rows
		}
		return in(0)
	case op == "QuantizeLinear" || op == "DequantizeLinear":
		c := in(0)
		if q := s.graph.quantizationAt(n, 1); q != nil {
			c.step = max(c.step, q.Scale)
		}
		return c
	case op == "DynamicQuantizeLinear":
		if output > 0 { // the scale and the zero point of a tensor, by which sums are multiplied
			return claim{kind: constantValue, high: math.Inf(1)}
		}
		return in(0)
	case picking[op]:
		c := in(0)
		if c.kind == distribution || c.kind == derived {
			return unbounded(labels, op) // how sure a model is, and not of what
		}
		return c
	case op == "Softmax" || op == "Hardmax" || op == "BiasSoftmax":
		return probability(distribution)
	case op == "QLinearSoftmax" || op == "QLinearSigmoid":
		c := probability(distribution)
		if op == "QLinearSigmoid" {
			c.kind = separate
		}
		if q := s.graph.quantizationAt(n, 3); q != nil {
			c.step = q.Scale
		}
		return c
	case op == "Sigmoid" || op == "HardSigmoid" || truths[op]:
		return probability(separate)
	case op == "LogSoftmax":
		return claim{kind: logs, maker: op, low: math.Inf(-1)}
	case op == "Clip":
		return s.clipped(in(0), n)
	case op == "Relu":
		return bounded(in(0), 0, math.Inf(1), op)
	case op == "Log":
		return logarithm(in(0))
	case op == "Exp":
		return exponential(in(0))
	case op == "Softplus":
		none.low = 0
		return none
	case op == "Tanh" || op == "Softsign" || op == "Erf":
		none.low, none.high = -1, 1
		return none
	case op == "ArgMax" || op == "ArgMin" || op == "TopK":
		return unbounded(labels, op)
	case classifiers[op]:
		if strings.HasSuffix(op, "Classifier") && output == 0 {
			return unbounded(labels, op)
		}
		switch n.Words["post_transform"] {
		case "SOFTMAX", "SOFTMAX_ZERO":
			return claim{kind: distribution, maker: op + " with " + n.Words["post_transform"], high: 1}
		case "LOGISTIC":
			return claim{kind: separate, maker: op + " with LOGISTIC", high: 1}
		}
		if none.weighed = strings.HasSuffix(op, "Classifier"); none.weighed && op == "LinearClassifier" {
			none.kind = linear
		}
		return none // a regressor's numbers are no scores of classes
	case op == "BatchNormalization":
		if c := in(0); c.kind == linear {
			return c.behind(op)
		}
		return none // of what comes out of an activation: features
	case op == "QLinearAdd":
		if len(n.Inputs) < 4 {
			return none
		}
		return s.combined(Node{Operator: "Add", Inputs: []string{n.Inputs[0], n.Inputs[3]}}, depth)
	case op == "QLinearGlobalAveragePool" || op == "QLinearAveragePool" || op == "QLinearReduceMean":
		return in(0)
	case op == "Normalizer" && n.Words["norm"] == "L1":
		if in(0).low >= 0 {
			return claim{kind: distribution, maker: op + " with L1", high: 1}
		}
		return none
	case weighing[op]:
		// A layer on a softmax may pick, mix or learn from probabilities: the numbers have to tell.
		for i := range n.Inputs {
			if k := in(i).kind; k == distribution || k == derived || k == logs {
				none.weighed = true
				return none
			}
		}
		switch n.Words["activation"] { // of layers that a runtime has fused
		case "":
			none.kind, none.weighed = linear, true
		case "Sigmoid", "HardSigmoid":
			return probability(separate)
		}
		return none
	case averaging[op], arithmetic[op]:
		if s.normalises(n) {
			return claim{kind: distribution, maker: "parts divided by their sum", high: 1}
		}
		return s.combined(n, depth)
	}
	return none
}

// clipped is what a Clip leaves.
func (s *claims) clipped(c claim, n Node) claim {
	low, high := math.Inf(-1), math.Inf(1)
	if v, ok := n.Numbers["min"]; ok {
		low = v
	}
	if v, ok := n.Numbers["max"]; ok {
		high = v
	}
	if len(n.Inputs) > 1 {
		if v, ok := s.scalar(n.Inputs[1]); ok {
			low = v
		}
	}
	if len(n.Inputs) > 2 {
		if v, ok := s.scalar(n.Inputs[2]); ok {
			high = v
		}
	}
	return bounded(c, low, high, n.Operator)
}

// bounded is what is left of a value that is kept between two bounds.
func bounded(c claim, low, high float64, operator string) claim {
	if low <= c.low && high >= c.high {
		return c
	}
	switch c.kind {
	case distribution, separate:
		c.raised, c.lowered = max(c.raised, low), max(c.lowered, 1-high)
	case logs, separateLogs:
		c.raised = max(c.raised, math.Exp(low))
	case linear:
		if low > -1 || high < 1 { // no logit any more that may say either
			c.kind, c.weighed = noClaim, false
		}
	}
	c.low, c.high = min(max(c.low, low), high), max(min(c.high, high), low)
	return c.behind(operator)
}

func logarithm(c claim) claim {
	kind, ok := map[claimKind]claimKind{distribution: logs, separate: separateLogs, derived: derivedLogs}[c.kind]
	if !ok {
		return unbounded(noClaim, "Log")
	}
	low := math.Inf(-1)
	if c.low > 0 {
		low = math.Log(c.low)
	}
	c.kind, c.low, c.high = kind, low, math.Log(max(c.high, math.SmallestNonzeroFloat64))
	return c.behind("Log")
}

func exponential(c claim) claim {
	kind, ok := map[claimKind]claimKind{logs: distribution, separateLogs: separate, derivedLogs: derived}[c.kind]
	if !ok {
		return claim{maker: "Exp", low: math.Exp(c.low), high: math.Exp(c.high)}
	}
	c.kind, c.low, c.high = kind, math.Exp(c.low), math.Exp(c.high)
	return c.behind("Exp")
}

// normalises reports whether the node divides numbers that are not negative by their sum, as a softmax does
// that is written out.
func (s *claims) normalises(n Node) bool {
	if len(n.Inputs) != 2 {
		return false
	}
	parts, sum := n.Inputs[0], n.Inputs[1]
	switch n.Operator {
	case "Div":
	case "Mul":
		m, ok := s.maker(sum)
		if !ok || m.Operator != "Reciprocal" {
			return false
		}
		sum = m.Inputs[0]
	default:
		return false
	}
	for range deepest {
		m, ok := s.maker(sum)
		if !ok || len(m.Inputs) == 0 {
			return false
		}
		switch m.Operator {
		case "ReduceSum", "ReduceL1":
			return s.source(m.Inputs[0]) == s.source(parts) && (m.Operator == "ReduceL1" || s.of(parts, 0).low >= 0)
		case "Clip", "Max", "Add", "Expand", "Unsqueeze", "Reshape", "Identity", "Cast": // against a division by 0
			sum = m.Inputs[0]
		default:
			return false
		}
	}
	return false
}

func (s *claims) maker(name string) (Node, bool) {
	at, ok := s.makers[name]
	if !ok {
		return Node{}, false
	}
	return s.graph.Nodes[at], true
}

// source is the value that a value is a copy of.
func (s *claims) source(name string) string {
	for range deepest {
		n, ok := s.maker(name)
		if !ok || len(n.Inputs) == 0 || n.Operator != "Identity" && n.Operator != "Cast" {
			break
		}
		name = n.Inputs[0]
	}
	return name
}

// combined is what arithmetic makes of its inputs.
func (s *claims) combined(n Node, depth int) claim {
	op := n.Operator
	names := n.Inputs
	switch op {
	case "ReduceMean", "ReduceSum", "ReduceL1":
		names = names[:min(1, len(names))] // the axes come after
	case "Where":
		names = names[min(1, len(names)):] // the condition comes first
	}
	var parts []claim
	var moving []claim // those that are no constants
	for _, name := range names {
		c := s.of(name, depth)
		parts = append(parts, c)
		if c.kind != constantValue {
			moving = append(moving, c)
		}
	}
	if len(moving) == 0 {
		return unbounded(constantValue, op)
	}
	if (op == "Min" || op == "Max") && len(parts) == 2 && len(moving) == 1 {
		bound := parts[0]
		if bound.kind != constantValue {
			bound = parts[1]
		}
		if op == "Max" {
			return bounded(moving[0], bound.low, math.Inf(1), op)
		}
		return bounded(moving[0], math.Inf(-1), bound.high, op)
	}
	all := func(kinds ...claimKind) bool {
		return !slices.ContainsFunc(moving, func(c claim) bool { return !slices.Contains(kinds, c.kind) })
	}
	first := moving[0]
	out := unbounded(noClaim, op)
	out.low, out.high = rangeOf(op, parts)
	// A mask or a correction may be added to what a layer makes.
	sums := slices.Contains([]string{"Add", "Sub", "Sum", "Where"}, op)
	each := slices.Contains([]string{"Neg", "Mean", "ReduceMean", "ReduceSum", "AveragePool", "GlobalAveragePool", "Concat"}, op) || (op == "Mul" || op == "Div") && len(moving) == 1
	weighed := func(c claim) bool { return c.weighed }
	out.weighed = sums && slices.ContainsFunc(moving, weighed) || each && !slices.ContainsFunc(moving, func(c claim) bool { return !weighed(c) })
	switch {
	case all(linear):
		if (op != "Mul" && op != "Div" || len(moving) == 1) && op != "Abs" && op != "Pow" && op != "Sqrt" && op != "Reciprocal" {
			out.kind, out.maker, out.weighed = linear, first.maker, true
		}
	case averaging[op] && all(distribution), averaging[op] && all(separate):
		first.low, first.high = out.low, out.high
		return first.behind(op)
	case all(distribution, separate, derived):
		out.kind, out.maker, out.then = derived, first.maker, first.then
		if all(separate) && out.within() {
			out.kind = separate
		}
		return out.behind(op)
	case all(logs, separateLogs, derivedLogs):
		out.kind, out.maker, out.then = derivedLogs, first.maker, first.then
		return out.behind(op)
	case op == "Neg" && s.madeBy(n.Inputs[0], "Softplus"):
		out.kind, out.maker = separateLogs, "Softplus" // the logarithm of a sigmoid
		return out.behind(op)
	}
	return out
}

func (s *claims) madeBy(name, operator string) bool {
	n, ok := s.maker(name)
	return ok && n.Operator == operator
}

// rangeOf is the range of what an operator makes of values in ranges.
func rangeOf(op string, parts []claim) (low, high float64) {
	low, high = parts[0].low, parts[0].high
	nothing := func() (float64, float64) { return math.Inf(-1), math.Inf(1) }
	switch op {
	case "Neg":
		return -high, -low
	case "Abs":
		if low >= 0 {
			return low, high
		}
		return 0, max(-low, high)
	case "Sqrt":
		return math.Sqrt(max(low, 0)), math.Sqrt(max(high, 0))
	case "Reciprocal":
		if low > 0 {
			return 1 / high, 1 / low
		}
		return nothing()
	case "ReduceMean", "AveragePool", "GlobalAveragePool":
		return low, high
	case "ReduceSum", "ReduceL1":
		if low >= 0 {
			return 0, math.Inf(1)
		}
		return nothing()
	case "Pow":
		if len(parts) == 2 && low >= 0 && parts[1].low == parts[1].high && parts[1].low > 0 {
			return math.Pow(low, parts[1].low), math.Pow(high, parts[1].low)
		}
		return nothing()
	}
	sum := op == "Sum" || op == "Mean" || op == "Add"
	for _, p := range parts[1:] {
		switch {
		case sum:
			low, high = low+p.low, high+p.high
		case op == "Sub":
			low, high = low-p.high, high-p.low
		case op == "Mul":
			low, high = product(low, high, p.low, p.high)
		case op == "Div":
			if p.low <= 0 {
				return nothing()
			}
			low, high = product(low, high, 1/p.high, 1/p.low)
		case op == "Concat" || op == "Where":
			low, high = min(low, p.low), max(high, p.high)
		case op == "Min":
			low, high = min(low, p.low), min(high, p.high)
		case op == "Max":
			low, high = max(low, p.low), max(high, p.high)
		default:
			return nothing()
		}
	}
	if op == "Mean" {
		low, high = low/float64(len(parts)), high/float64(len(parts))
	}
	if low != low || high != high {
		return nothing()
	}
	return low, high
}

// product is the range of a product. Nothing times infinity is nothing here: the infinite end is never reached.
func product(a, b, c, d float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, x := range []float64{a, b} {
		for _, y := range []float64{c, d} {
			v := x * y
			if x == 0 || y == 0 {
				v = 0
			}
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

// halfPrecision reports whether some of the graph computes with half precision.
func (g *Graph) halfPrecision() bool {
	half := func(t Element) bool { return t == Float16 || t == Bfloat16 }
	for _, t := range g.Constants {
		if half(t.Element) {
			return true
		}
	}
	if slices.ContainsFunc(g.Nodes, func(n Node) bool { return half(n.To) || n.Constant != nil && half(n.Constant.Element) }) {
		return true
	}
	return slices.ContainsFunc(slices.Concat(g.Inputs, g.Outputs), func(v Value) bool { return half(v.Element) })
}
